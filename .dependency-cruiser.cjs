// The layers of docs/architecture.md, checked. A record's way is WAY; no stage imports another, src/load wires them.
const WAY = ['scenario', 'schedule', 'generate', 'producer', 'transport', 'measure'];
const MAY = {
  core: [],
  kinesis: ['core'],
  ...Object.fromEntries(WAY.map((stage) => [stage, ['core', 'kinesis']])),
  load: ['core', 'kinesis', ...WAY],
  library: ['core', 'kinesis', 'scenario', 'producer', 'transport', 'measure'],
  statistics: ['core'],
  results: ['core', 'kinesis', 'measure', 'statistics'],
  report: ['core', 'kinesis', 'results', 'statistics'],
  simulator: ['core', 'kinesis'],
  verify: ['core', 'kinesis'],
  plan: ['core', 'kinesis', 'scenario', 'schedule', 'generate'],
  fleet: ['core'],
  coordinate: ['core', 'kinesis', 'scenario', 'schedule', 'measure', 'load', 'results'],
  virtual: [
    'core',
    'kinesis',
    'scenario',
    'generate',
    'measure',
    'load',
    'coordinate',
    'simulator',
  ],
  cli: [
    'measure',
    'core',
    'kinesis',
    'scenario',
    'coordinate',
    'results',
    'statistics',
    'report',
    'simulator',
    'plan',
    'load',
    'verify',
    'transport',
    'virtual',
    'fleet',
  ],
};
const folders = Object.keys(MAY).join('|');
const layers = Object.entries(MAY).map(([folder, may]) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment: `src/${folder} may import: ${may.join(', ') || 'nothing'}. Move the type to core/ or kinesis/, or pass a callback in load/.`,
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|workers|test|bench)/', pathNot: `^src/(${[folder, ...may].join('|')})/` },
}));
const only = (name, target, where) => ({
  name: `only-${name}`,
  severity: 'error',
  comment: `${name} belongs behind the folder that owns it; see docs/architecture.md.`,
  from: { path: '^(src|workers)/', pathNot: where },
  to: { path: target },
});
module.exports = {
  forbidden: [
    ...layers,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'new-folder-needs-a-layer',
      severity: 'error',
      comment: 'Give the new folder its row in MAY.',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${folders})/` },
    },
    {
      name: 'workers-are-thin',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^src/', pathNot: '^src/(load|simulator|core)/' },
    },
    only(
      'threads',
      'node_modules/piscina/|^(node:)?worker_threads$',
      '^src/(coordinate|load/(protocol|worker)|simulator/host)|^workers/',
    ),
    only('sdk', 'node_modules/@aws-sdk/|node_modules/@smithy/', '^src/transport/'),
    only(
      'http',
      '^(node:)?https?$|^(node:)?http2$|^(node:)?(net|tls|dgram)$|node_modules/undici/',
      // The live endpoint is the one thing a report says over a socket; nothing on a record's way.
      '^src/(simulator|transport|report/live/metrics-server)',
    ),
    only(
      'fs',
      '^(node:)?fs(/promises)?$',
      '^src/(scenario/load|generate/file|measure/(thread-cpu|steal-time)|results|report|cli|simulator)',
    ),
    only('yargs', 'node_modules/yargs', '^src/cli/'),
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports count too
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
