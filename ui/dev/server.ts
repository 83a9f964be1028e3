/**
 * A fixture server: the built screens and an invented site behind the same addresses as the real
 * one. For looking at every state and for driving the pages; it ships with nothing.
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { INSTALLER, iso, ME, probed, unwatched, type Breach } from "./data.ts";
import { picture } from "./pictures.ts";
import { text, World, type Scene } from "./world.ts";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

export interface Options {
  readonly scene: Scene;
  readonly frames: string | null;
  /** Signed in from the start. */
  readonly signedIn: boolean;
}

export function fixture(options: Options): { readonly server: Server; readonly world: World } {
  const world = new World(options.scene, Date.now());
  let signedIn = options.signedIn;

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice("/api/v1".length);
    const body = await bodyOf(request);
    if (path === "/session" && request.method === "POST") {
      if (body["password"] !== "demo") return problem(response, 401, "sign-in-refused");
      signedIn = true;
      return void response.writeHead(204).end();
    }
    if (!signedIn) return problem(response, 401, "not-signed-in");
    if (path === "/session") {
      signedIn = false;
      return void response.writeHead(204).end();
    }
    if (path === "/me") return json(response, options.scene === "ill" ? INSTALLER : ME);
    if (path === "/cameras" && request.method === "POST") return json(response, { ...body, id: "camera-new" }, 201);
    if (path === "/cameras/probe") return json(response, probed(body["url"] ?? ""));
    if (path === "/wall") return json(response, world.wall(Date.now()));
    if (path === "/events/stream") return stream(world, request, response);
    if (path.startsWith("/cameras/")) return cameras(world, options, path, response);
    if (path.startsWith("/breaches")) return breaches(world, path, url, body, request, response);
    return problem(response, 404, "not-found");
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://fixture");
    if (url.pathname.startsWith("/api/v1/")) void api(request, response, url);
    else if (url.pathname.startsWith("/dev/")) command(world, url, response, () => (signedIn = false));
    else file(url.pathname, response);
  });
  const ticking = setInterval(() => world.tick(), 5000);
  server.on("close", () => clearInterval(ticking));
  return { server, world };
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

function problem(response: ServerResponse, status: number, slug: string, facts: object = {}): void {
  const body = { type: `urn:wardwatch:problem:${slug}`, title: slug, status, detail: slug, ...facts };
  response
    .writeHead(status, { "Content-Type": "application/problem+json" })
    .end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const isJson = request.headers["content-type"]?.startsWith("application/json") === true;
  const value: unknown = chunks.length === 0 || !isJson ? {} : JSON.parse(Buffer.concat(chunks).toString());
  return Object.fromEntries(
    Object.entries(value ?? {}).flatMap(([key, one]) => (typeof one === "string" ? [[key, one]] : [])),
  );
}

function stream(world: World, request: IncomingMessage, response: ServerResponse): void {
  if (world.cut) return problem(response, 503, "store-unavailable");
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const after = Number(request.headers["last-event-id"] ?? world.position);
  for (const message of world.log.filter((one) => one.id > after)) response.write(text(message));
  const reader = {
    write: (message: string): void => void response.write(message),
    end: (): void => void response.end(),
  };
  world.readers.add(reader);
  world.tick();
  request.on("close", () => world.readers.delete(reader));
}

function cameras(world: World, options: Options, path: string, response: ServerResponse): void {
  const [, , id = "", what = ""] = path.split("/");
  const index = world.cameras.findIndex((one) => one.id === id);
  const camera = world.cameras[index];
  if (camera === undefined) return problem(response, 404, "not-in-scope");
  if (what === "") {
    const areas = camera.areas.map((area) => ({ ...area, counts: true }));
    const lines = camera.lines.map((line) => ({ ...line, margin: null, perimeter: true }));
    return json(response, { ...camera, areas, lines, site: "site-hk", address: null, has_credentials: true, enabled: true, version: 1, rules: [], publishes: false, health: null });
  }
  if (what === "unwatched") return json(response, unwatched(camera, Date.now()));
  const now = Date.now();
  if (what === "whep") return problem(response, 503, "picture-unavailable"); // stills are what it has
  if (world.lostAt.has(id)) return problem(response, 503, "picture-unavailable");
  const { type, body } = picture(options.frames, index, now);
  response.writeHead(200, { "Content-Type": type, "X-Captured-At": iso(now - 120), "Cache-Control": "no-store" });
  response.end(body);
}

function breaches(
  world: World,
  path: string,
  url: URL,
  body: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, , id = "", what = ""] = path.split("/");
  if (id === "") {
    const csv = request.headers.accept === "text/csv";
    if (!csv) return json(response, history(world, url));
    return void response.writeHead(200, { "Content-Type": "text/csv" }).end("\uFEFFid,kind\r\n");
  }
  const before = world.find(id);
  if (before === undefined) return problem(response, 404, "not-in-scope");
  if (what === "") return json(response, before);
  const next = change(world, id, what, body);
  if (next !== null) return json(response, next);
  if (what === "acknowledge" && before.state === "acknowledged") {
    const { acknowledged_by: by, acknowledged_by_name: by_name, acknowledged_at: at } = before;
    return problem(response, 409, "already-acknowledged", { by, by_name, at });
  }
  return problem(response, 409, "already-closed", { state: before.state, at: before.closed_at });
}

function change(world: World, id: string, what: string, body: Record<string, string>): Breach | null {
  if (what === "acknowledge") return world.acknowledge(id, ME.name);
  if (what === "resolve") return world.close(id, "resolved", body["outcome"] ?? "", body["note"] ?? "");
  if (what === "dismiss") return world.close(id, "dismissed", body["reason"] ?? "", body["note"] ?? "");
  return world.comment(id, body["text"] ?? "");
}

function history(world: World, url: URL): object {
  const get = (name: string): string | null => url.searchParams.get(name);
  const from = Date.parse(get("from") ?? "1970-01-01");
  const to = Date.parse(get("to") ?? "2100-01-01");
  const items = world.breaches
    .filter((one) => get("camera") === null || one.camera === get("camera"))
    .filter((one) => get("kind") === null || one.kind === get("kind"))
    .filter((one) => get("state") === null || one.state === get("state"))
    .filter((one) => Date.parse(one.opened_at) >= from && Date.parse(one.opened_at) < to)
    .toSorted((a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at));
  const at = Number(get("cursor") ?? 0);
  const limit = Number(get("limit") ?? 50);
  const next = at + limit < items.length ? String(at + limit) : null;
  return { items: items.slice(at, at + limit), next };
}

/** `/dev/open?camera=0`, `/dev/answer?breach=…`, `/dev/lose?camera=1`, `/dev/cut`, `/dev/mend`. */
function command(world: World, url: URL, response: ServerResponse, signOut: () => void): void {
  const camera = Number(url.searchParams.get("camera") ?? 0);
  switch (url.pathname) {
    case "/dev/open":
      return json(response, { id: world.open(camera).id });
    case "/dev/answer":
      return json(response, world.acknowledge(url.searchParams.get("breach") ?? "", "Lan"));
    case "/dev/lose":
      world.lose(camera, Date.now());
      world.say("camera.offline", `camera-${camera}`, { camera: `camera-${camera}`, site: "site-hk", state: "offline", reason: "unreachable" });
      return json(response, {});
    case "/dev/count":
      world.count(camera, Number(url.searchParams.get("persons") ?? 0));
      return json(response, {});
    case "/dev/cut":
      world.cut = true;
      return json(response, {});
    case "/dev/mend":
      world.mend();
      return json(response, {});
    case "/dev/sign-out":
      signOut();
      return json(response, {});
    default:
      return problem(response, 404, "not-found");
  }
}

function file(path: string, response: ServerResponse): void {
  const wanted = join(DIST, normalize(path));
  const found = wanted.startsWith(DIST) && existsSync(wanted) && statSync(wanted).isFile();
  const sent = found ? wanted : join(DIST, "index.html");
  response.writeHead(200, { "Content-Type": TYPES[extname(sent)] ?? "application/octet-stream" });
  createReadStream(sent).pipe(response);
}
