export { Alarms } from "./Alarms.tsx";
export { WallPage } from "./WallPage.tsx";
