// Where the eye is: pan and zoom in two dimensions, an orbit in three. One matrix serves the shader and the pointer.

const PERSPECTIVE = 0.3;

export class Camera {
  /** `centre` and `extent` (half the width and height) of what holds nearly all points, in coordinates from -1 to 1. */
  constructor(dims, centre, extent) {
    Object.assign(this, { dims, centre, extent });
    this.radius = Math.hypot(...extent);
    this.home();
  }

  home() {
    [this.x, this.y] = this.centre;
    this.zoom = 1;
    this.yaw = 0.6;
    this.pitch = 0.35;
  }

  get isHome() {
    const fresh = new Camera(this.dims, this.centre, this.extent);
    return ["x", "y", "zoom", "yaw", "pitch"].every((name) => Math.abs(this[name] - fresh[name]) < 1e-4);
  }

  /** Drag by pixels in a view of this size: pan, or in three dimensions turn. */
  drag(dx, dy, width, height) {
    if (this.dims === 3) {
      this.yaw += dx * 0.008;
      this.pitch = Math.max(-1.5, Math.min(1.5, this.pitch + dy * 0.008));
      return;
    }
    const unit = this.pixelsPerUnit(width, height);
    this.x -= dx / unit;
    this.y += dy / unit;
  }

  /** Zoom by a factor; what lies under (px, py) stays there. */
  zoomAt(factor, px, py, width, height) {
    const zoom = Math.max(0.4, Math.min(60, this.zoom * factor));
    const change = 1 / this.pixelsPerUnit(width, height);
    this.zoom = zoom;
    if (this.dims === 3) return;
    const left = change - 1 / this.pixelsPerUnit(width, height);
    this.x += (px - width / 2) * left;
    this.y -= (py - height / 2) * left;
  }

  pixelsPerUnit(width, height) {
    const [across, up] = this.dims === 3 ? [0.6 * this.radius, 0.6 * this.radius] : this.extent;
    return 0.46 * Math.min(width / across, height / up) * this.zoom;
  }

  /** A pixel of a view of this size in units that neither size nor zoom changes, and back. */
  toUnits([px, py], width, height) {
    const unit = this.pixelsPerUnit(width, height);
    const [x, y] = this.dims === 3 ? [0, 0] : [this.x, this.y];
    return [x + (px - width / 2) / unit, y - (py - height / 2) / unit];
  }

  fromUnits([across, up], width, height) {
    const unit = this.pixelsPerUnit(width, height);
    const [x, y] = this.dims === 3 ? [0, 0] : [this.x, this.y];
    return [width / 2 + (across - x) * unit, height / 2 - (up - y) * unit];
  }

  /** Column-major 4 x 4: coordinates to clip space of a view of this size. */
  matrix(width, height) {
    const unit = this.pixelsPerUnit(width, height);
    const sx = (2 * unit) / width;
    const sy = (2 * unit) / height;
    if (this.dims === 2) {
      return new Float32Array([sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, 0, 0, -this.x * sx, -this.y * sy, 0, 1]);
    }
    const [cy, ny] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    const [cp, np] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    const right = [cy, 0, -ny];
    const above = [ny * np, cp, cy * np];
    const towards = [ny * cp, -np, cy * cp]; // the eye looks against it
    const columns = [0, 1, 2].map((i) => [
      sx * right[i],
      sy * above[i],
      (-0.2 * towards[i]) / this.radius,
      (-PERSPECTIVE * towards[i]) / this.radius,
    ]);
    return new Float32Array([...columns.flat(), 0, 0, 0, 1]);
  }
}

/** The pixel, from the top left of its view, that a coordinate triple is drawn at. */
export function toScreen(matrix, x, y, z, width, height) {
  const w = matrix[3] * x + matrix[7] * y + matrix[11] * z + matrix[15];
  return [
    ((matrix[0] * x + matrix[4] * y + matrix[8] * z + matrix[12]) / w + 1) * 0.5 * width,
    (1 - (matrix[1] * x + matrix[5] * y + matrix[9] * z + matrix[13]) / w) * 0.5 * height,
  ];
}
