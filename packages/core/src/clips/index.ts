export { createClip } from './create-clip.ts';
export { getClip } from './get-clip.ts';
export { importClips } from './import-clips.ts';
export { listClips } from './list-clips.ts';
export { updateClip } from './update-clip.ts';
