// Marker symbols, named as plotly names them: a few polygons each, in [-1, 1] with y downwards.
// The same outlines make the signed distances that the shader reads and the icons of legend and table.

const ring = (corners, radius, turned = 0, inner = 0) =>
  Array.from({ length: inner ? 2 * corners : corners }, (_, i) => {
    const angle = turned + (i * 2 * Math.PI) / (inner ? 2 * corners : corners);
    const r = inner && i % 2 ? inner : radius;
    return [r * Math.sin(angle), -r * Math.cos(angle)];
  });
const turned = (polygon, quarters) =>
  polygon.map(
    ([x, y]) =>
      [
        [x, y],
        [-y, x],
        [-x, -y],
        [y, -x],
      ][quarters],
  );
const moved = (polygon, dx, dy) => polygon.map(([x, y]) => [x + dx, y + dy]);
const box = (x0, y0, x1, y1) => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];

const plus = [
  [-0.32, -0.95],
  [0.32, -0.95],
  [0.32, -0.32],
  [0.95, -0.32],
  [0.95, 0.32],
  [0.32, 0.32],
  [0.32, 0.95],
  [-0.32, 0.95],
  [-0.32, 0.32],
  [-0.95, 0.32],
  [-0.95, -0.32],
  [-0.32, -0.32],
];
const up = moved(ring(3, 1.05), 0, 0.2);
const corner = [
  [-0.8, -0.8],
  [0.8, -0.8],
  [0.8, 0.8],
];
const tall = [
  [0, -1],
  [0.55, 0],
  [0, 1],
  [-0.55, 0],
];
const glass = [
  [
    [-0.8, -0.85],
    [0.8, -0.85],
    [0, 0],
  ],
  [
    [0, 0],
    [0.8, 0.85],
    [-0.8, 0.85],
  ],
];
const diagonal = ([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2];
const quarter = [
  [0.12, -0.12],
  ...Array.from({ length: 9 }, (_, i) => {
    const angle = 0.14 + (i * (Math.PI / 2 - 0.28)) / 8;
    return [0.9 * Math.sin(angle), -0.9 * Math.cos(angle)];
  }),
];

export const SYMBOLS = {
  circle: [ring(40, 0.85)],
  square: [box(-0.77, -0.77, 0.77, 0.77)],
  diamond: [ring(4, 1)],
  "triangle-up": [up],
  cross: [plus],
  star: [ring(5, 1, 0, 0.42)],
  "triangle-down": [turned(up, 2)],
  x: [plus.map(diagonal)],
  hourglass: glass,
  bowtie: glass.map((part) => turned(part, 1)),
  pentagon: [ring(5, 0.95)],
  hexagram: [ring(6, 1, 0, 0.58)],
  "triangle-left": [turned(up, 3)],
  "triangle-right": [turned(up, 1)],
  "diamond-tall": [tall],
  "star-square": [ring(4, 1.05, Math.PI / 4, 0.5)],
  "diamond-wide": [turned(tall, 1)],
  "star-diamond": [ring(4, 1, 0, 0.42)],
  "star-triangle-up": [moved(ring(3, 1.05, 0, 0.34), 0, 0.15)],
  "star-triangle-down": [turned(moved(ring(3, 1.05, 0, 0.34), 0, 0.15), 2)],
  hexagon: [ring(6, 0.92, Math.PI / 6)],
  octagon: [ring(8, 0.92, Math.PI / 8)],
  "triangle-ne": [corner],
  "triangle-se": [turned(corner, 1)],
  "triangle-sw": [turned(corner, 2)],
  "triangle-nw": [turned(corner, 3)],
  hexagon2: [ring(6, 0.92)],
  "square-cross": [
    box(-0.8, -0.8, -0.1, -0.1),
    box(0.1, -0.8, 0.8, -0.1),
    box(-0.8, 0.1, -0.1, 0.8),
    box(0.1, 0.1, 0.8, 0.8),
  ],
  "circle-x": [0, 1, 2, 3].map((quarters) => turned(quarter, quarters).map(diagonal)),
};
export const SYMBOL_NAMES = Object.keys(SYMBOLS);

/** The place of a symbol in the atlas; an unknown name is a circle. */
export const symbolIndex = (name) => Math.max(0, SYMBOL_NAMES.indexOf(name));

/** A symbol as the `d` of an SVG path in a box from -1.2 to 1.2. */
export function outline(name) {
  const polygons = SYMBOLS[name] ?? SYMBOLS.circle;
  return polygons.map((polygon) => `M${polygon.map((p) => p.map((v) => v.toFixed(2)).join(" ")).join("L")}Z`).join("");
}

export const TILE = 48; // texels of an atlas tile, which shows -EDGE to EDGE
export const COLUMNS = 8;
export const EDGE = 1.3;
export const SPREAD = 0.5; // a texel of 0 or 255 is this far outside or inside

/** Signed distances of all symbols: bytes, 128 on the outline, more inside. */
export function atlas() {
  const rows = Math.ceil(SYMBOL_NAMES.length / COLUMNS);
  const width = COLUMNS * TILE;
  const texels = new Uint8Array(width * rows * TILE);
  SYMBOL_NAMES.forEach((name, index) => {
    const left = (index % COLUMNS) * TILE;
    const top = Math.floor(index / COLUMNS) * TILE;
    for (let row = 0; row < TILE; row++) {
      for (let column = 0; column < TILE; column++) {
        const x = (((column + 0.5) / TILE) * 2 - 1) * EDGE;
        const y = (((row + 0.5) / TILE) * 2 - 1) * EDGE;
        const value = 128 + (127 * distanceInside(SYMBOLS[name], x, y)) / SPREAD;
        texels[(top + row) * width + left + column] = Math.max(0, Math.min(255, value));
      }
    }
  });
  return { texels, width, height: rows * TILE, rows };
}

function distanceInside(polygons, x, y) {
  let nearest = Infinity;
  let inside = false;
  for (const polygon of polygons) {
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
      const [ax, ay] = polygon[j];
      const [bx, by] = polygon[i];
      const [dx, dy] = [bx - ax, by - ay];
      const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
      nearest = Math.min(nearest, (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2);
      if (ay > y !== by > y && x < ax + ((y - ay) / dy) * dx) inside = !inside;
    }
  }
  return (inside ? 1 : -1) * Math.sqrt(nearest);
}
