export { GroupCommit } from './group-commit.ts';
export type { GroupCommitOptions } from './group-commit.ts';
