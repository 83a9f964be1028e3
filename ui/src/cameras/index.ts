export { PairPage } from "./PairPage.tsx";
