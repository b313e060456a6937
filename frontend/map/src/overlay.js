// What is drawn over the points: lines between translations, their languages, the lasso, numbers of small multiples.

export class Overlay {
  constructor(canvas) {
    this.context = canvas.getContext("2d");
    this.taken = [];
  }

  begin(ratio, look) {
    const { context } = this;
    this.look = look;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.lineJoin = "round";
    this.taken = []; // boxes that names stand in: [left, top, right, bottom]
  }

  /** Spokes from a point to its translations; `ends` are [x, y, name] in pixels of the whole canvas. */
  spokes(centre, ends, view, named) {
    const { context, look } = this;
    context.save();
    context.beginPath();
    context.rect(view.left, view.top, view.width, view.height);
    context.clip();
    context.beginPath();
    for (const [x, y] of ends) {
      context.moveTo(centre[0], centre[1]);
      context.lineTo(x, y);
    }
    context.strokeStyle = look.ink;
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
    if (named) this.names([centre, ...ends], view);
    context.restore();
  }

  /** A name over the middle of each class, or as near to it as there is room, then with a line that leads there. */
  classes(positions, view) {
    this.names(positions, view, 600, around);
  }

  /** Names beside points of a view, each only where no other stands. */
  names(positions, view, weight = 400, offsets = aside) {
    const { context, look, taken } = this;
    context.font = `${weight} 12px ${look.font}`;
    context.textBaseline = "middle";
    const placed = [];
    for (const [x, y, name] of positions) {
      if (!name) continue;
      const width = context.measureText(name).width;
      const free = offsets(width)
        .map(([dx, dy]) => [x + dx, y + dy - 8, x + dx + width, y + dy + 8])
        .filter((box) => inside(box, view))
        .find((box) => !taken.some((other) => overlap(box, other)));
      if (!free) continue;
      taken.push(free);
      placed.push([name, free, [x, y]]);
    }
    for (const [, box, point] of placed) this.leader(box, point);
    for (const [name, box] of placed) {
      context.lineWidth = 3.5;
      context.strokeStyle = look.paper;
      context.strokeText(name, box[0], box[1] + 8);
      context.fillStyle = look.ink;
      context.fillText(name, box[0], box[1] + 8);
    }
  }

  /** A line from a point to the edge of its name, where the name stands so far off that it could be another's. */
  leader([left, top, right, bottom], [x, y]) {
    const { context, look } = this;
    const end = [Math.max(left, Math.min(right, x)), Math.max(top, Math.min(bottom, y))];
    if (Math.hypot(end[0] - x, end[1] - y) <= FAR) return;
    for (const [colour, width] of [
      [look.paper, 3],
      [look.ink, 1],
    ]) {
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(...end);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }

  ring(x, y, radius, colour, width = 2) {
    const { context, look } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.lineWidth = width + 2.5;
    context.strokeStyle = look.paper;
    context.stroke();
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }

  lasso(path) {
    const { context, look } = this;
    if (path.length < 2) return;
    context.beginPath();
    for (const [x, y] of path) context.lineTo(x, y); // the first one only moves there
    context.closePath();
    context.fillStyle = look.primary;
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([5, 4]);
    context.lineWidth = 1.5;
    context.strokeStyle = look.primary;
    context.stroke();
    context.setLineDash([]);
  }

  /** A small multiple's frame and number. */
  tile(view, text, current) {
    const { context, look } = this;
    context.lineWidth = current ? 2 : 1;
    context.strokeStyle = current ? look.primary : look.border;
    context.strokeRect(view.left + 1, view.top + 1, view.width - 2, view.height - 2);
    context.font = `${current ? 600 : 400} 12px ${look.font}`;
    context.textBaseline = "top";
    context.globalAlpha = 0.85; // a plate, as points may lie below
    context.fillStyle = look.paper;
    context.fillRect(view.left + 3, view.top + 3, context.measureText(text).width + 10, 19);
    context.globalAlpha = 1;
    context.fillStyle = look.ink;
    context.fillText(text, view.left + 8, view.top + 7);
  }
}

const FAR = 24; // pixels from a point to its name that ask for a line between them
const RINGS = [36, 54, 72, 96, 120, 150]; // pixels, of the places around a point that are tried for its name
const PLACES = 16; // on each of them

const inside = ([left, top, right, bottom], view) =>
  left > view.left && right < view.left + view.width && top > view.top && bottom < view.top + view.height;

const aside = (width) => [
  [10, 0],
  [-width - 10, 0],
  [-width / 2, -15],
  [-width / 2, 15],
];

/** Over and under a point, then on wider and wider rings around it; a name is wider than high, and so are they. */
const around = (width) => [
  ...[-14, 14, -28, 28, 0].map((dy) => [-width / 2, dy]),
  ...RINGS.flatMap((radius) =>
    Array.from({ length: PLACES }, (_, i) => (2 * Math.PI * i) / PLACES).map((angle) => [
      (radius + width / 2) * Math.cos(angle) - width / 2,
      radius * Math.sin(angle),
    ]),
  ),
];

/** How many square pixels two boxes share, each [left, top, right, bottom]. */
export function overlap(one, other) {
  const across = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const down = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  return across > 0 && down > 0 ? across * down : 0;
}

/** Whether a point lies inside a path that closes on itself. */
export function within(path, x, y) {
  let inside = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [ax, ay] = path[j];
    const [bx, by] = path[i];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}
