export { checkMasterKey } from './check-master-key.ts';
export { findFolderKey, prepareFolderKey, replaceFolderKey } from './data-folder-key.ts';
export { openVault } from './open-vault.ts';
export { MasterKeyProblem } from './problem.ts';
export { readMasterKey } from './read-master-key.ts';
export { rotateMasterKey, type Rotation } from './rotate.ts';
export { describeSource, type MasterKeySource } from './source.ts';
export { splitCommand } from './split-command.ts';
