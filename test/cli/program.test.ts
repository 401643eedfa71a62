import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, CommandIo } from '../../src/cli/command.ts';
import { exitCodeOf } from '../../src/cli/errors.ts';
import { RUN_FLAGS, scenarioOverrides, usesColor } from '../../src/cli/flags.ts';
import { outputFlags } from '../../src/cli/output-flags.ts';
import { runProgram } from '../../src/cli/program.ts';
import { scenarioCommand } from '../../src/cli/scenario.ts';
import { ERROR_CODES, ShardstormError } from '../../src/core/errors.ts';
import { defaultPrices } from '../../src/plan/prices.ts';
import { MINIMAL } from '../scenario/build-scenario.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** A command that takes every shared flag and hands back what it got. */
function probe(act: (args: Readonly<Record<string, unknown>>) => number = () => 0): Command {
  return {
    command: 'run <scenario>',
    describe: 'one run',
    positionals: { scenario: { type: 'string' } },
    flags: RUN_FLAGS,
    run: async (args) => act(args),
  };
}

async function program(
  words: readonly string[],
  commands: readonly Command[] = [probe(), scenarioCommand],
) {
  let out = '';
  let err = '';
  const io: CommandIo = {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    environment: {},
  };
  const exitCode = await runProgram(words, commands, io);
  return { exitCode, out, err };
}

describe('the command line', () => {
  it.each([
    [[], 'shardstorm needs a command: run, scenario'],
    [['rnu', 'x'], 'unknown command "rnu"; did you mean "run"?'],
    [['teleport'], 'unknown command "teleport"; the commands are run, scenario'],
    [['scenario'], 'shardstorm scenario needs a command: init, validate, show, schema'],
    [['scenario', 'shwo', 'x'], 'unknown command "shwo"; did you mean "show"?'],
    [['run'], 'an argument is missing: shardstorm run <scenario>'],
    [['scenario', 'show'], 'an argument is missing: shardstorm scenario show <scenario>'],
    [['run', 'a', 'b'], 'unexpected argument "b"'],
    [['run', 'a', '--sede', '1'], 'unknown flag "--sede"; did you mean "--seed"?'],
    [['run', 'a', '--sede=1'], 'unknown flag "--sede"; did you mean "--seed"?'],
    [['run', 'a', '-q'], 'unknown flag "-q"'],
    [['run', 'a', '--seed'], '--seed needs a value'],
    [['run', 'a', '--seed', '1', '--seed', '2'], '--seed is given 2 times'],
    [['run', 'a', '--quiet=maybe'], '--quiet=maybe: expected no value, true or false'],
    [['run', 'a', '--no-color='], '--no-color=: expected no value, true or false'],
  ])('%j ends with exit code 2, the word and a hint', async (words, message) => {
    const { exitCode, out, err } = await program(words);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(`error [SHARDSTORM_CLI_USAGE] ${message}`);
    expect(err).toMatch(/\nhint: See `shardstorm.* --help`\.|\nhint: Give --/);
    expect(err).not.toContain('    at ');
  });

  it('hands repeated flags over whole and in order, and no argument to a flag before it', async () => {
    let seen: unknown;
    const command = probe((args) => {
      seen = { ...scenarioOverrides(args), scenario: args['scenario'] };
      return 0;
    });
    const words = [
      'run',
      '--set',
      'a.b=c',
      '--set',
      'd=1=2',
      'file.yaml',
      '--tag',
      'k=v',
      '--seed',
      '0x10',
    ];
    expect((await program(words, [command])).exitCode).toBe(0);
    expect(seen).toEqual({
      set: ['a.b=c', 'd=1=2'],
      tags: ['k=v'],
      seed: '0x10',
      scenario: 'file.yaml',
    });
  });

  it('gives the exit code of the command', async () => {
    expect((await program(['run', 'a'], [probe(() => 99)])).exitCode).toBe(99);
  });

  it('turns an operating error into its exit code, without a stack', async () => {
    const command = probe(() => {
      throw new ShardstormError('SHARDSTORM_TRANSPORT_UNREACHABLE', 'nobody listens', {
        hint: 'Start it.',
      });
    });
    const { exitCode, err } = await program(['run', 'a'], [command]);
    expect(exitCode).toBe(3);
    expect(err).toBe('error [SHARDSTORM_TRANSPORT_UNREACHABLE] nobody listens\nhint: Start it.\n');
  });

  it('calls anything else a bug, with its stack only when asked', async () => {
    const command = probe(() => {
      throw new TypeError('Invalid thing');
    });
    const quiet = await program(['run', 'a'], [command]);
    expect(quiet.exitCode).toBe(1);
    expect(quiet.err).toContain('error [SHARDSTORM_INTERNAL] Invalid thing\nhint: This is a bug.');
    expect(quiet.err).not.toContain('    at ');
    expect((await program(['run', 'a', '--verbose'], [command])).err).toContain('    at ');
  });

  it('has an exit code of the contract for every error', () => {
    for (const code of ERROR_CODES) {
      const error = new ShardstormError(code, 'x', { hint: 'y' });
      expect([1, 2, 3, 4]).toContain(exitCodeOf(error));
    }
  });

  it('prints help, examples and exit codes, and its version', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    expect((await program(['--help'])).exitCode).toBe(0);
    expect((await program(['run', '--help'])).exitCode).toBe(0);
    expect((await program(['--version'])).exitCode).toBe(0);
    expect((await program(['completion'])).exitCode).toBe(0);
    const printed = log.mock.calls.map(([text]) => String(text));
    expect(printed[0]).toContain('shardstorm run scenarios/quickstart.yaml');
    expect(printed[0]).toContain('Exit codes:');
    for (const flag of Object.keys(RUN_FLAGS)) expect(printed[1]).toContain(`--${flag}`);
    expect(printed[2]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(printed[3]).toContain('shardstorm-completions');
  });
});

describe('the output flags', () => {
  it('have defaults', () => {
    expect(outputFlags({})).toEqual({
      out: 'results/',
      name: null,
      isQuiet: false,
      isJson: false,
      isYes: false,
      isStrictClient: false,
      calibration: null,
    });
  });

  it.each([
    [{ out: ' ' }, '--out is empty'],
    [{ name: '../x' }, '--name "../x" is not allowed'],
    [{ name: '' }, '--name ""'],
    [{ prices: 'package.json' }, '--prices package.json: region'],
    [{ prices: 'none.json' }, '--prices none.json cannot be read'],
  ])('refuse %j', (args, message) => {
    expect(() => outputFlags(args)).toThrow(message);
  });

  it('take the price list of a file', () => {
    const prices = join(mkdtempSync(join(tmpdir(), 'prices-')), 'own.json');
    writeFileSync(prices, JSON.stringify(defaultPrices()));
    expect(outputFlags({ prices }).prices).toEqual(defaultPrices());
  });

  it('colour only a terminal that wants it', () => {
    const terminal = { isTTY: true };
    expect(usesColor({}, { environment: {} }, terminal)).toBe(true);
    expect(usesColor({}, { environment: { NO_COLOR: '' } }, terminal)).toBe(true);
    expect(usesColor({}, { environment: { NO_COLOR: '1' } }, terminal)).toBe(false);
    expect(usesColor({ 'no-color': true }, { environment: {} }, terminal)).toBe(false);
    expect(usesColor({}, { environment: {} }, {})).toBe(false);
  });
});

describe('scenario', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('init writes a scenario that validates, and overwrites none unless forced', async () => {
    const file = join(folder, 'my-load.yaml');
    expect(await program(['scenario', 'init', file])).toMatchObject({ exitCode: 0, err: '' });
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('name: "my-load"');
    expect(text).toContain('# ');
    expect((await program(['scenario', 'validate', file])).out).toContain(`ok ${file}: my-load,`);
    const again = await program(['scenario', 'init', file]);
    expect(again.exitCode).toBe(2);
    expect(again.err).toContain(`cannot write ${file}`);
    expect((await program(['scenario', 'init', file, '--force'])).exitCode).toBe(0);
  });

  it('validate goes on after a bad one and ends with exit code 2', async () => {
    const bad = write('bad.yaml', MINIMAL.replace('100/s', 'fast'));
    const good = write('good.yaml', MINIMAL);
    const { exitCode, out, err } = await program(['scenario', 'validate', bad, good]);
    expect(exitCode).toBe(2);
    expect(out).toContain(`ok ${good}: good, 10.0s (phase-1), 1,000 records,`);
    expect(err).toContain(`error [SHARDSTORM_SCENARIO_INVALID] ${bad}:4:24: load.phases[0].rate`);
  });

  it('validate finds what only the records tell, without sending any', async () => {
    const template = '{ kind: json, template: { a: "{{pik x y}}" } }';
    const file = write('a.yaml', MINIMAL.replace('{ kind: random, size: 200B }', template));
    const { exitCode, err } = await program(['scenario', 'validate', file]);
    expect(exitCode).toBe(2);
    expect(err).toContain('error [SHARDSTORM_SCENARIO_INVALID] records.payload.template');
    expect(err).toContain('pik');
  });

  it('validate accepts every shipped scenario', async () => {
    const shipped = join(import.meta.dirname, '../../scenarios');
    const files = readdirSync(shipped).filter((name) => name.endsWith('.yaml'));
    const paths = files.map((name) => join(shipped, name));
    const { exitCode, out, err } = await program(['scenario', 'validate', ...paths]);
    expect(err).toBe('');
    expect(exitCode).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(files.length);
  });

  it('validate --json prints one document', async () => {
    const bad = write('bad.yaml', MINIMAL.replace('100/s', 'fast'));
    const { exitCode, out, err } = await program([
      'scenario',
      'validate',
      bad,
      '--json',
      '--seed',
      'x',
    ]);
    expect(exitCode).toBe(2);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual([
      {
        file: bad,
        valid: false,
        notes: [],
        problems: [
          expect.objectContaining({ place: '--seed x', field: 'load.seed' }),
          expect.objectContaining({ place: `${bad}:4:24`, field: 'load.phases[0].rate' }),
        ],
      },
    ]);
  });

  it('show prints every default, after the flags', async () => {
    const file = write('a.yaml', MINIMAL);
    const { out } = await program(['scenario', 'show', file, '--set', 'producer.profile=a8m']);
    expect(out).toContain('maxBufferedTime: 5s');
    const json = await program(['scenario', 'show', file, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      name: 'a',
      producer: { maxBufferedTime: '100ms' },
    });
  });

  it('show names a file that is not there', async () => {
    const { exitCode, err } = await program(['scenario', 'show', join(folder, 'none.yaml')]);
    expect(exitCode).toBe(2);
    expect(err).toContain('error [SHARDSTORM_SCENARIO_UNREADABLE] cannot read the scenario');
  });

  it('schema prints the JSON Schema', async () => {
    const { out } = await program(['scenario', 'schema']);
    expect(JSON.parse(out)).toMatchObject({ title: 'Shardstorm scenario', type: 'object' });
  });

  it('prints the notes of an imported properties file', async () => {
    write('kpl.properties', 'LogLevel=info\n');
    const file = write('a.yaml', `${MINIMAL}producer: { import: kpl.properties }\n`);
    const { exitCode, err } = await program(['scenario', 'show', file]);
    expect(exitCode).toBe(0);
    expect(err).toBe('note: kpl.properties: LogLevel: use --verbose\n');
  });
});
