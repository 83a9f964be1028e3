/** The pages that exist, who may see each, and where the navigation shows them. */
import { Bell, Cctv, CircleUserRound, LayoutGrid, type LucideIcon } from "lucide-react";
import type { Me } from "../api/index.ts";
import { m } from "../words/index.ts";

export interface Page {
  readonly path: string;
  readonly name: () => string;
  readonly icon: LucideIcon;
  /** In the bar; the phone's bottom bar has all. */
  readonly inNav: boolean;
  readonly may: (me: Me) => boolean;
}

const watches = (me: Me): boolean => me.rights.includes("watch");
const installs = (me: Me): boolean => me.rights.includes("install");
const reviews = (me: Me): boolean => me.rights.includes("review");

export const PAGES: readonly Page[] = [
  { path: "/wall", name: m.nav_wall, icon: LayoutGrid, inNav: true, may: watches },
  { path: "/breaches", name: m.nav_breaches, icon: Bell, inNav: true, may: reviews },
  { path: "/cameras/new", name: m.nav_add_camera, icon: Cctv, inNav: true, may: installs },
  { path: "/me", name: m.nav_me, icon: CircleUserRound, inNav: false, may: () => true },
];

/** Reached from elsewhere: no navigation shows them. */
const BESIDE: readonly Page[] = [
  { path: "/cameras", name: m.nav_camera, icon: Cctv, inNav: false, may: installs },
];

/** The page that an address belongs to: `/breaches/…` is part of `/breaches`. */
export function pageOf(path: string): Page | undefined {
  return [...PAGES, ...BESIDE].find((page) => path === page.path || path.startsWith(`${page.path}/`));
}
