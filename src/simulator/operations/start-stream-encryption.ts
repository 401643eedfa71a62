import { KEY_ID, STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive, update } from './stream-state.ts';

/** Encryption is a flag here: no record is encrypted. */
export const startStreamEncryption: Operation = {
  name: 'StartStreamEncryption',
  members: {
    EncryptionType: { type: 'string', isRequired: true, values: ['NONE', 'KMS'] },
    KeyId: KEY_ID,
    ...STREAM,
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    update(simulator, stream, () => {
      stream.encryptionKeyId =
        input.text('EncryptionType') === 'KMS' ? input.requiredText('KeyId') : null;
    });
    return null;
  },
};
