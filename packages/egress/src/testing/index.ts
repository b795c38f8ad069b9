export { INSIDE_HOSTS, oddTargets, openCanary } from './inside-targets.ts';
