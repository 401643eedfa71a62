// Assembles the masked copy of scripts/mask-module.ts and writes it into the sources: npm run make-mask.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { maskModule } from './mask-module.ts';

writeFileSync(
  fileURLToPath(new URL('../src/generate/mask-module.ts', import.meta.url)),
  await maskModule(),
);
