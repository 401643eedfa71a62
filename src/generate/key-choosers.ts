import type { RecordBlock } from '../core/record-block.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { KeyInterner, RankCache } from './key-cache.ts';
import type { KeyChooser } from './payload.ts';
import type { PayloadFile } from './payload-file.ts';
import { type RankDraw, type RankedKey, rankDraw } from './ranks.ts';
import type { RecordContext } from './record-context.ts';
import type { Template } from './template.ts';

/** Keys named by a drawn number: prefix + rank. */
export class RankedKeys implements KeyChooser {
  readonly #rank: RankDraw;
  readonly #cache: RankCache;

  constructor(key: RankedKey, seed: number, keys: KeyTable) {
    this.#rank = rankDraw(key, seed);
    const cardinality = key.cardinality + (key.kind === 'hot' ? key.keys : 0);
    this.#cache = new RankCache(keys, key.prefix, cardinality);
  }

  /** First the arithmetic of all, then the look-ups: so close together, those that miss the processor's cache overlap. */
  choose({ index, keyId }: RecordBlock, from: number, to: number): void {
    for (let i = from; i < to; i++) keyId[i] = this.#rank(index[i] as number);
    for (let i = from; i < to; i++) keyId[i] = this.#cache.idOf(keyId[i] as number);
  }
}

/** Keys written by a template. */
export class TemplateKeys implements KeyChooser {
  readonly #template: Template;
  readonly #context: RecordContext;
  readonly #interner: KeyInterner;
  readonly #text: Uint8Array;

  constructor(template: Template, context: RecordContext, keys: KeyTable) {
    this.#template = template;
    this.#context = context;
    this.#interner = new KeyInterner(keys);
    this.#text = new Uint8Array(template.bytesMax);
  }

  choose(block: RecordBlock, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.#context.moveTo(block, i, this.#template.draws);
      const end = this.#template.write(this.#text, 0, this.#context);
      block.keyId[i] = this.#interner.idOf(this.#text, 0, end);
    }
  }
}

/** Keys taken from the rows of the payload's file. */
export class ColumnKeys implements KeyChooser {
  readonly #file: PayloadFile;
  readonly #interner: KeyInterner;

  constructor(file: PayloadFile, keys: KeyTable) {
    this.#file = file;
    this.#interner = new KeyInterner(keys);
  }

  choose({ index, keyId }: RecordBlock, from: number, to: number): void {
    const { rows, keyText, keyEnd } = this.#file;
    for (let i = from; i < to; i++) {
      const row = (index[i] as number) % rows;
      const start = row === 0 ? 0 : (keyEnd[row - 1] as number);
      keyId[i] = this.#interner.idOf(keyText, start, keyEnd[row] as number);
    }
  }
}
