/** 2 columns to 4 cameras, 3 to 9, 4 to 16, 6 to 32. */
export function columnsFor(cameras: number): number {
  if (cameras <= 1) return 1;
  if (cameras <= 4) return 2;
  if (cameras <= 9) return 3;
  return cameras <= 16 ? 4 : 6;
}
