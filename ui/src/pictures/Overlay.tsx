import { m } from "../words/index.ts";
import { crossingOf, outwardArrow, placed, type Point } from "./geometry.ts";
import css from "./pictures.module.css";

interface Props {
  readonly line: { readonly a: Point; readonly b: Point } | null;
  readonly area: readonly Point[] | null;
  /** Foot points, oldest first. */
  readonly path: readonly Point[];
  /** Width over height of the camera's frame. */
  readonly aspect: number;
  /** With arrow and word; without: only line and trail, for small pictures. */
  readonly full: boolean;
}

const TRAIL = "#ff7a70";
const EDGE = "#14181b";

/** Line, outward arrow, trail, ring at the crossing and dot at the last foot point. */
export function Overlay({ line, area, path, aspect, full }: Props) {
  const unit = full && !matchMedia("(max-width: 639px)").matches ? 1 : 1.8;
  const trail = path.map((point) => placed(point, aspect));
  const foot = trail.at(-1) ?? null;
  const crossing = line === null ? null : crossingOf(path, line.a, line.b);
  const ring = crossing === null ? null : placed(crossing, aspect);
  return (
    <>
      <svg
      className={css.overlay}
      viewBox={`0 0 ${aspect} 1`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {area !== null && (
        <polygon
          points={joined(area.map((point) => placed(point, aspect)))}
          fill="rgb(255 255 255 / 10%)"
          stroke="#fff"
          strokeWidth={0.005 * unit}
        />
      )}
      {line !== null && <LineAndArrow a={line.a} b={line.b} aspect={aspect} full={full} unit={unit} />}
      {trail.length > 1 && (
        <>
          <polyline points={joined(trail)} fill="none" stroke={EDGE} strokeWidth={0.017 * unit} {...DOTS(unit)} />
          <polyline points={joined(trail)} fill="none" stroke={TRAIL} strokeWidth={0.011 * unit} {...DOTS(unit)} />
        </>
      )}
      {ring !== null && full && (
        <>
          <circle cx={ring[0]} cy={ring[1]} r={0.014 * unit} fill="none" stroke={EDGE} strokeWidth={0.009 * unit} />
          <circle cx={ring[0]} cy={ring[1]} r={0.014 * unit} fill="none" stroke="#fff" strokeWidth={0.005 * unit} />
        </>
      )}
      {foot !== null && (
        <circle cx={foot[0]} cy={foot[1]} r={0.014 * unit} fill={TRAIL} stroke="#fff" strokeWidth={0.006 * unit} />
      )}
    </svg>
    {line !== null && full && <OutwardWord a={line.a} b={line.b} aspect={aspect} />}
    </>
  );
}

/** In letters of the page, not of the drawing: readable however small the picture is. */
function OutwardWord({ a, b, aspect }: { readonly a: Point; readonly b: Point; readonly aspect: number }) {
  const [x, y] = outwardArrow(a, b, aspect).word;
  return (
    <span className={css.word} style={{ left: `${(x / aspect) * 100}%`, top: `${y * 100}%` }}>
      {m.breach_outward()}
    </span>
  );
}

const DOTS = (unit: number) =>
  ({ strokeLinecap: "round", strokeDasharray: `0 ${0.03 * (unit > 1 ? 1.4 : 1)}` }) as const;

function LineAndArrow({
  a,
  b,
  aspect,
  full,
  unit,
}: {
  readonly a: Point;
  readonly b: Point;
  readonly aspect: number;
  readonly full: boolean;
  readonly unit: number;
}) {
  const [ax, ay] = placed(a, aspect);
  const [bx, by] = placed(b, aspect);
  const arrow = outwardArrow(a, b, aspect);
  return (
    <>
      <line x1={ax} y1={ay} x2={bx} y2={by} stroke={EDGE} strokeWidth={0.011 * unit} />
      <line x1={ax} y1={ay} x2={bx} y2={by} stroke="#fff" strokeWidth={0.006 * unit} />
      {full && (
        <>
          <circle cx={ax} cy={ay} r={0.011} fill="#fff" stroke={EDGE} strokeWidth={0.003} />
          <circle cx={bx} cy={by} r={0.011} fill="#fff" stroke={EDGE} strokeWidth={0.003} />
          <ArrowShape from={arrow.from} to={arrow.to} />
        </>
      )}
    </>
  );
}

function ArrowShape({ from, to }: { readonly from: Point; readonly to: Point }) {
  const angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  return (
    <g transform={`translate(${from[0]} ${from[1]}) rotate(${angle})`}>
      <line x2={length - 0.02} stroke={EDGE} strokeWidth={0.011} />
      <line x2={length - 0.02} stroke="#fff" strokeWidth={0.006} />
      <path
        d={`M${length} 0 L${length - 0.032} -0.015 L${length - 0.032} 0.015 Z`}
        fill="#fff"
        stroke={EDGE}
        strokeWidth={0.003}
      />
    </g>
  );
}

function joined(points: readonly Point[]): string {
  return points.map(([x, y]) => `${x.toFixed(4)},${y.toFixed(4)}`).join(" ");
}
