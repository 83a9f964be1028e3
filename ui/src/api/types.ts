/** The shapes that the server speaks, by the names this page uses. All come from the OpenAPI. */
import type { Readable } from "openapi-typescript-helpers";
import type { components } from "./generated/schema.ts";

/** As the generated client hands them over. */
type Schemas = { [Name in keyof components["schemas"]]: Readable<components["schemas"][Name]> };

export type Me = Schemas["Me"];
export type Site = Schemas["Site"];
export type Wall = Schemas["Wall"];
export type WallCamera = Schemas["WallCamera"];
export type WallOrder = Schemas["WallOrder"];
export type Figures = Schemas["Figures"];
export type Detector = Schemas["DetectorNow"];
export type Observation = Schemas["WallObservation"];
export type Breach = Schemas["Breach"];
export type Evidence = Schemas["Evidence"];
export type Step = Schemas["HistoryStep"];
export type Camera = Schemas["Camera"];
export type CameraUnwatched = Schemas["CameraUnwatched"];
export type CameraProbe = Schemas["CameraProbe"];
export type CameraToAdd = Schemas["CameraToAdd"];
export type ProbedStream = Schemas["ProbedStream"];
export type ClearView = Schemas["ClearViewGiven"];
export type IceServer = Schemas["IceServer"];
export type Line = Schemas["Line"];
export type Kind = Breach["kind"];
export type Priority = Breach["priority"];
export type BreachState = Breach["state"];
export type Outcome = Schemas["Resolution"]["outcome"];
export type DismissReason = Schemas["Dismissal"]["reason"];
export type Paired = Schemas["Paired"];
export type PairingMade = Schemas["PairingMade"];
