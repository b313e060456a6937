// A line around points, kept so that a link selects the same points again: in units that neither the window's size nor
// the zoom changes, with few enough corners for an address.

import { Camera } from "./camera.js";
import { within } from "./overlay.js";

const CORNERS = 40;
const FINE = 1.5; // pixels that a corner may be off
const VIEW = { left: 0, top: 0, width: 1000, height: 1000 };

/** What was drawn in a view: the layer, how a map of three dimensions was turned, and the corners. */
export function drawn(path, view, camera, layer) {
  let corners = simplified(path, FINE);
  for (let off = 2 * FINE; corners.length > CORNERS; off *= 2) corners = simplified(path, off);
  const digits = Math.ceil(Math.log10(camera.pixelsPerUnit(view.width, view.height))) + 1;
  const rounded = (value) => Number(value.toFixed(digits));
  return {
    layer: Number(layer.toFixed(2)), // between two of them while the map glides
    turned: camera.dims === 3 ? [rounded(camera.yaw), rounded(camera.pitch)] : [],
    corners: corners.map(([x, y]) =>
      camera.toUnits([x - view.left, y - view.top], view.width, view.height).map(rounded),
    ),
  };
}

/** The points inside a lasso, with the map as it was when the line was drawn. */
export function caught({ layer, turned, corners }, scene) {
  const { map } = scene;
  const camera = new Camera(map.dims, map.centre, map.extent);
  if (map.dims === 3) [camera.yaw, camera.pitch] = turned;
  const path = corners.map((corner) => camera.fromUnits(corner, VIEW.width, VIEW.height));
  const positions = scene.positionsIn({ ...VIEW, position: layer, matrix: camera.matrix(VIEW.width, VIEW.height) });
  return Array.from({ length: map.points }, (_, i) => i).filter((i) =>
    within(path, positions[2 * i], positions[2 * i + 1]),
  );
}

export const written = (lassos) =>
  lassos.map(({ layer, turned, corners }) => [layer, ...turned, ...corners.flat()].join(",")).join("|");

/** The lassos of an address; what is none is left out. */
export function read(text, { states, dims }) {
  const head = dims === 3 ? 3 : 1;
  return (text ?? "")
    .split("|")
    .map((each) => each.split(",").map((number) => (number.trim() ? Number(number) : Number.NaN)))
    .filter((numbers) => numbers.every(Number.isFinite) && numbers[0] >= 0 && numbers[0] <= states - 1)
    .filter((numbers) => numbers.length >= head + 6 && (numbers.length - head) % 2 === 0)
    .map(([layer, ...rest]) => ({
      layer,
      turned: rest.slice(0, head - 1),
      corners: Array.from({ length: (rest.length - head + 1) / 2 }, (_, i) =>
        rest.slice(head - 1 + 2 * i, head + 1 + 2 * i),
      ),
    }));
}

/** A path with those corners only that lie farther than `off` from the line between their neighbours (Douglas, Peucker). */
function simplified(path, off) {
  const [first, last] = [path[0], path.at(-1)];
  const distances = path.map((corner) => distance(corner, first, last));
  const farthest = distances.indexOf(Math.max(...distances));
  if (path.length < 3 || distances[farthest] <= off) return [first, last];
  const before = simplified(path.slice(0, farthest + 1), off);
  return [...before.slice(0, -1), ...simplified(path.slice(farthest), off)];
}

/** From a point to the stretch between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
