// Puts the optional packages of other platforms into package-lock.json where the registry that wrote it did not have them:
// `npm ci` wants every one of them there, also those that it will never install here. Run after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
];
const CPU = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
let added = 0;
for (const [place, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${place}/node_modules/${name}`;
    if (lock.packages[nested] !== undefined || lock.packages[`node_modules/${name}`] !== undefined)
      continue;
    const words = name.split(/[-/@]/);
    const os = OS.filter((known) => words.includes(known));
    const cpu = CPU.filter((known) => words.includes(known));
    if (os.length !== 1 || cpu.length !== 1) throw new Error(`cannot tell the platform of ${name}`);
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      os,
    };
    added++;
  }
}
const sorted = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted.map((place) => [place, lock.packages[place]]));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages of other platforms added`);
