// Compiles the styles and copies what comes from packages into the site's static folder.
//
// site.css begins with the digest of all that it was made from, so that a test without
// Node can tell when it is out of date.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..", "src", "hamlets");
const published = join(source, "publish", "templates");
const target = join(source, "web", "static");
const nhsuk = join(here, "node_modules", "nhsuk-frontend", "dist", "nhsuk");

const digest = createHash("sha256");
const scss = readdirSync(join(here, "scss")).sort().map((name) => join(here, "scss", name));
for (const path of [join(here, "package.json"), ...scss, join(published, "sections.css")]) {
  digest.update(readFileSync(path));
}

mkdirSync(join(target, "images"), { recursive: true });
mkdirSync(join(target, "vendor"), { recursive: true });
const head = `/* Made by "make assets" from sources ${digest.digest("hex")}. `
  + "Contains NHS.UK frontend 10.6.1, MIT licence: vendor/LICENCES.txt */";
for (const name of ["site", "nhs"]) {
  const { css } = compile(join(here, "scss", `${name}.scss`), {
    style: "compressed",
    loadPaths: [join(here, "node_modules"), published],
    quietDeps: true,
  });
  writeFileSync(join(target, `${name}.css`), `${head}\n${css.replace(/^\uFEFF/, "")}\n`);
  for (const [, image] of css.matchAll(/url\("?images\/([a-z-]+\.svg)"?\)/g)) {
    copyFileSync(join(nhsuk, "assets", "images", image), join(target, "images", image));
  }
}

// The scripts of the design system's components; its source map stays behind.
const scripts = readFileSync(join(nhsuk, "nhsuk-frontend.min.js"), "utf8");
writeFileSync(
  join(target, "vendor", "nhsuk-frontend.min.js"),
  scripts.replace(/\/\/# sourceMappingURL=.*\s*$/, "\n"),
);
