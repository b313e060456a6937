// The map on a page of the app.

import { PointMap } from "./map.js";
import { additions, digestOf } from "./payload.js";

const living = new WeakMap();

/** What Streamlit calls, again whenever the payload or the theme changes. */
export default function component({ data, parentElement }) {
  let map = living.get(parentElement);
  if (map && map.digest === digestOf(data)) {
    map.restyle();
    map.add(additions(data));
  } else {
    map?.destroy();
    map = new PointMap(parentElement, data);
    living.set(parentElement, map);
  }
  return () => {
    map.destroy();
    living.delete(parentElement);
  };
}
