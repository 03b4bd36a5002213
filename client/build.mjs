// Builds what the pages load: ESM bundles, the style sheet with its fonts, and the icon sprite.
// Everything goes to src/examhall/site/static/build with fixed names; the web server adds hashes when it collects them.
// `node build.mjs` builds once and exits non-zero on any error; `node build.mjs --watch` keeps building.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, watchFile, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../src/examhall/site/static/build");
const watching = process.argv.includes("--watch");

function entryPoints() {
  const pages = readdirSync(join(here, "src/pages"))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(".d.ts"))
    .map((name) => ({ in: join(here, "src/pages", name), out: basename(name, ".ts") }));
  const worker = join(here, "src/capture/worker.ts");
  return existsSync(worker) ? [...pages, { in: worker, out: "worker" }] : pages;
}

// The sprite: one symbol per line of icons.txt, drawn by Lucide, and one swatch per incident family, drawn by us.
function iconNames() {
  return readFileSync(join(here, "src/icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
}

function symbol(name) {
  const file = join(here, "node_modules/lucide-static/icons", `${name}.svg`);
  if (!existsSync(file)) throw new Error(`icons.txt names "${name}", which Lucide does not have. Choose another name.`);
  const svg = readFileSync(file, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
}

function sprite() {
  const licence = readFileSync(join(here, "node_modules/lucide-static/LICENSE"), "utf8").replace(/-{2,}/g, "-").trim();
  const names = iconNames();
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0) throw new Error(`icons.txt names these twice: ${twice.join(", ")}.`);
  const swatches = readFileSync(join(here, "src/family-swatches.svg"), "utf8").replace(/<\/?svg[^>]*>|<!--[^]*?-->/g, "").trim();
  const head = `<!-- Icons from Lucide (lucide-static), licence below. The swatches (sw-...) are part of Examhall.\n${licence}\n-->`;
  return `${head}\n<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join("\n")}\n${swatches}\n</svg>\n`;
}

function writeSprite() {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "icons.svg"), sprite());
}

// The OFL asks that its text travels with the fonts.
function copyFontLicences() {
  mkdirSync(join(out, "fonts"), { recursive: true });
  for (const font of ["@fontsource-variable/atkinson-hyperlegible-next", "@fontsource/atkinson-hyperlegible-mono", "@fontsource-variable/noto-sans"]) {
    copyFileSync(join(here, "node_modules", font, "LICENSE"), join(out, "fonts", `LICENSE-${basename(font)}.txt`));
  }
}

const shared = { bundle: true, minify: !watching, sourcemap: true, logLevel: "info", legalComments: "linked", target: ["chrome123", "firefox121", "safari17.5"] };

const scripts = () => ({ ...shared, entryPoints: entryPoints(), outdir: out, format: "esm", splitting: true, chunkNames: "chunks/[name]-[hash]", tsconfig: existsSync(join(here, "tsconfig.json")) ? join(here, "tsconfig.json") : undefined });

const styles = () => ({ ...shared, entryPoints: [{ in: join(here, "src/styles/examhall.css"), out: "examhall" }], outdir: out, assetNames: "fonts/[name]", loader: { ".woff2": "file" } });

async function main() {
  if (!watching) rmSync(out, { recursive: true, force: true });
  writeSprite();
  copyFontLicences();
  if (!watching) {
    await Promise.all([esbuild.build(scripts()), esbuild.build(styles())]);
    return;
  }
  for (const options of [scripts(), styles()]) await (await esbuild.context(options)).watch();
  for (const name of ["icons.txt", "family-swatches.svg"]) {
    watchFile(join(here, "src", name), { interval: 500 }, () => {
      try {
        writeSprite();
      } catch (fault) {
        console.error(fault.message);
      }
    });
  }
}

main().catch((fault) => {
  console.error(`The client could not be built. ${fault.message}`);
  process.exit(1);
});
