export { NoteQueue } from './audit-notes.ts';
export { exportAuditCsv, exportAuditLines, listAudit } from './list-audit.ts';
export { recordAudit, recordAuditIn } from './record-audit.ts';
export { systemEntry } from './system-entry.ts';
export { verifyAudit } from './verify-audit.ts';
