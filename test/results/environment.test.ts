import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectEnvironment, gitState } from '../../src/results/environment.ts';
import { environmentSchema } from '../../src/results/schema.ts';

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shardstorm-git-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function repository(head: string, files: Readonly<Record<string, string>> = {}): void {
  for (const [name, text] of Object.entries({ HEAD: head, ...files })) {
    const place = join(root, '.git', name);
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, text);
  }
}

describe('gitState', () => {
  it('finds the commit of a branch from a folder below', () => {
    repository('ref: refs/heads/main\n', { 'refs/heads/main': `${COMMIT}\n` });
    mkdirSync(join(root, 'a/b'), { recursive: true });
    expect(gitState(join(root, 'a/b'))).toEqual({ commit: COMMIT, branch: 'main' });
  });

  it('finds a packed branch', () => {
    const packed = `# pack-refs\n${OTHER} refs/heads/x\n${COMMIT} refs/heads/feature/x\n`;
    repository('ref: refs/heads/feature/x\n', { 'packed-refs': packed });
    expect(gitState(root)).toEqual({ commit: COMMIT, branch: 'feature/x' });
  });

  it('knows a detached head', () => {
    repository(`${COMMIT}\n`);
    expect(gitState(root)).toEqual({ commit: COMMIT, branch: null });
  });

  it('follows the file of a worktree', () => {
    repository('ref: refs/heads/main\n', {
      'refs/heads/side': COMMIT,
      'worktrees/side/HEAD': 'ref: refs/heads/side\n',
      'worktrees/side/commondir': '../..\n',
    });
    const side = join(root, 'side');
    mkdirSync(side);
    writeFileSync(join(side, '.git'), 'gitdir: ../.git/worktrees/side\n');
    expect(gitState(side)).toEqual({ commit: COMMIT, branch: 'side' });
  });

  it('is calm about damaged and missing repositories', () => {
    repository('');
    expect(gitState(root)).toEqual({ commit: null, branch: null });
    rmSync(join(root, '.git'), { recursive: true });
    expect(gitState(root)).toBeNull();
  });
});

describe('collectEnvironment', () => {
  it('tells the machine, the runtime and the versions of this program and its packages', () => {
    const environment = collectEnvironment({ seed: 7, workingDirectory: root });
    expect(environmentSchema.parse(JSON.parse(JSON.stringify(environment)))).toEqual(environment);
    expect(environment.runtime.node).toBe(process.versions.node);
    expect(environment.packages).toMatchObject({
      shardstorm: expect.stringMatching(/^\d+\.\d+\.\d+/),
      'hdr-histogram-js': expect.stringMatching(/^\d+\./),
    });
    expect(Object.values(environment.packages)).not.toContain(null);
  });
});
