// Bundles the sources for the app, a module for each component, and for the file that is taken home.
// A bundle's first line has two SHA-256 digests, of what it was built from and of the rest of it, which a test compares.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const TO = process.argv[2] ?? "../../dlfa_core/figures/map";
const BUNDLES = ["map_component.js", "tree_component.js", "page.js", "map.css"];

/** Of each source with its name, sorted, and of the script and the tools that bundle them. */
function sources() {
  const digest = createHash("sha256");
  const names = readdirSync("src").map((name) => `src/${name}`);
  for (const name of [...names, "build.js", "package-lock.json"].sort())
    digest.update(`${name}\0`).update(readFileSync(name)).update("\0");
  return digest.digest("hex");
}

const { outputFiles } = await build({
  entryPoints: BUNDLES.map((name) => `src/${name}`),
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  minifySyntax: true,
  minifyWhitespace: true, // names stay, so that errors can be read
  outdir: TO,
  write: false,
});
mkdirSync(TO, { recursive: true });
for (const { path, text } of outputFiles) {
  const own = createHash("sha256").update(text).digest("hex");
  writeFileSync(
    join(TO, basename(path)),
    `/* From frontend/map by make frontend: sources ${sources()}, bundle ${own} */\n${text}`,
  );
}
