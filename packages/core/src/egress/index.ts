export { egressPolicy, getEgress, setEgress } from './egress-policy.ts';
