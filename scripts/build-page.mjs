// Builds dist/report-page.js: the charts of the report's page, one script for the browser with its library in it. The
// licences of what is inside lead the file, because every page hands it on.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { metafile, outputFiles } = buildSync({
  absWorkingDir: root,
  entryPoints: ['src/report/page/main.ts'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  write: false,
});
const [output] = Object.values(metafile.outputs);
const packages = Object.entries(output.inputs)
  .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  .map(([path]) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
  .filter((path) => path !== undefined);
const licences = [...new Set(packages)].map((path) =>
  readFileSync(join(root, path, 'LICENSE'), 'utf8').trim(),
);
const notice = [...new Set(licences)].join('\n\n').replaceAll('*/', '* /');
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist/report-page.js'), `/*!\n${notice}\n*/\n${outputFiles[0].text}`);
