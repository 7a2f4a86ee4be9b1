import type { Config } from '../../config.ts';
import {
  describeSource,
  findFolderKey,
  MasterKeyProblem,
  readMasterKey,
} from '../../platform/master-key/index.ts';
import { good, note, problem, type Finding } from './finding.ts';

const NAME = 'master key';

/** Whether the key under which secrets are sealed can be had. */
export async function checkMasterKeySource({ masterKey }: Config): Promise<Finding> {
  if (masterKey.kind === 'data-folder' && (await findFolderKey(masterKey.path)) === undefined) {
    return note(NAME, `There is none in ${masterKey.path} yet; the first start makes it.`);
  }
  try {
    await readMasterKey(masterKey);
    return good(NAME, `It comes from ${describeSource(masterKey)}.`);
  } catch (error) {
    if (!(error instanceof MasterKeyProblem)) throw error;
    return problem(NAME, error.message, 'Then run the doctor again.');
  }
}
