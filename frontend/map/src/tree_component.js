// The family trees on a page of the app.

import { FamilyTree } from "./tree.js";

const growing = new WeakMap();

export default function component({ data, parentElement }) {
  const tree = growing.get(parentElement) ?? new FamilyTree(parentElement, data);
  if (growing.has(parentElement)) tree.update(data);
  growing.set(parentElement, tree);
  return () => {
    tree.destroy();
    growing.delete(parentElement);
  };
}
