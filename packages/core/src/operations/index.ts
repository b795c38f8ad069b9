export { getOperation, listOperationItems, listOperations } from './get-operation.ts';
export { runOperations } from './run-operations.ts';
export { previewBulk, startOperation, stopOperation } from './start-operation.ts';
