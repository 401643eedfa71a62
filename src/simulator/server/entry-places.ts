import { PARTITION_KEY_CHARACTERS_MAX } from '../../kinesis/limits.ts';
import type { PutCall } from '../core/put-call.ts';

const ABSENT = -1;

/** Places of one record's members while it is being read; reused for each record. */
export class EntryPlaces {
  keyStart = ABSENT;
  keyEnd = ABSENT;
  dataStart = ABSENT;
  dataEnd = ABSENT;
  hashKey = '';

  clear(): void {
    this.keyStart = ABSENT;
    this.dataStart = ABSENT;
    this.hashKey = '';
  }

  /** Adds the record to the call; false when a member is missing or breaks a constraint. */
  addTo(call: PutCall): boolean {
    const keyBytes = this.keyEnd - this.keyStart;
    if (this.dataStart === ABSENT || this.keyStart === ABSENT) return false;
    if (keyBytes === 0 || keyBytes > PARTITION_KEY_CHARACTERS_MAX) return false;
    if (this.hashKey !== '' && !/^(0|[1-9]\d{0,38})$/.test(this.hashKey)) return false;
    call.add(this.keyStart, this.keyEnd, this.dataStart, this.dataEnd, this.hashKey);
    return true;
  }
}
