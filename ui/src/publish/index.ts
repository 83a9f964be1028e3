export { PublishPage } from "./PublishPage.tsx";
