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

  /** Names over the middle of what they are the names of. */
  classes(positions, view) {
    this.names(positions, view, 600, (width) => [-14, 14, -28, 28, 0].map((dy) => [-width / 2, dy]));
  }

  /** Names beside points of a view, each only where no other stands. */
  names(positions, view, weight = 400, offsets = aside) {
    const { context, look, taken } = this;
    context.font = `${weight} 12px ${look.font}`;
    context.textBaseline = "middle";
    for (const [x, y, name] of positions) {
      if (!name) continue;
      const width = context.measureText(name).width;
      const free = offsets(width)
        .map(([dx, dy]) => [x + dx, y + dy - 8, x + dx + width, y + dy + 8])
        .filter((box) => box[0] > view.left && box[2] < view.left + view.width)
        .find((box) => !taken.some((other) => overlap(box, other)));
      if (!free) continue;
      taken.push(free);
      context.lineWidth = 3.5;
      context.strokeStyle = look.paper;
      context.strokeText(name, free[0], free[1] + 8);
      context.fillStyle = look.ink;
      context.fillText(name, free[0], free[1] + 8);
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

const aside = (width) => [
  [10, 0],
  [-width - 10, 0],
  [-width / 2, -15],
  [-width / 2, 15],
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
