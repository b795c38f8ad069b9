export { createUser, insertUser, requireOwnPassword } from './create-user.ts';
export { endSessionsOf } from './end-sessions.ts';
export { getUser, hasUser, listUsers } from './list-users.ts';
export { hashPassword, isOutdated, isPassword } from './passwords.ts';
export { setPassword, updateUser } from './update-user.ts';
export { normalEmail, USER_COLUMNS } from './user-row.ts';
