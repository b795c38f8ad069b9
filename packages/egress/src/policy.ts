import { isIP } from 'node:net';
import { EgressError } from './errors.ts';
import {
  type Address,
  describeSpecial,
  embeddedAddress,
  isInRange,
  isLoopback,
  isMapped,
  isMetadata,
  METADATA_NAMES,
  parseAddress,
  parseRange,
  type Range,
} from './ranges.ts';

/**
 * Which targets may be reached. Public addresses always; others only when listed. An entry is CIDR (`10.1.0.0/16`), an address,
 * a host name (whatever it resolves to), or `*.example.org` for all names below. `deny` wins over everything.
 */
export interface EgressPolicy {
  allow: readonly string[];
  allow_loopback?: boolean | undefined;
  deny?: readonly string[] | undefined;
}

interface Entries {
  ranges: Range[];
  names: Set<string>;
  suffixes: string[];
}

export interface CompiledPolicy {
  /** Null when the name may be looked up. */
  findHostProblem(host: string): string | null;
  /** Null when a connection to this address, asked for by this host, may be opened. */
  findAddressProblem(address: string, host: string): string | null;
}

const ASK = 'an administrator can allow it';
const ASK_EXACTLY = 'an administrator can allow it by listing exactly this one';

/** Lower case, without the final dot, international names in their ASCII form. @throws EgressError `invalid` */
export function normaliseHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return parseAddress(bare).toString();
  const parsed = URL.parse(`http://${host}/`);
  const name = parsed?.hostname.replace(/\.$/, '') ?? '';
  // Whatever the parser would take for something else than a host is none.
  if (name === '' || name.length > 253 || /[\s/\\?#@:]/.test(host) || name.split('.').some((label) => label === '' || label.length > 63)) {
    throw new EgressError('invalid', `"${host.slice(0, 100)}" is not a host name`);
  }
  return name;
}

function parseEntries(list: readonly string[]): Entries {
  const entries: Entries = { ranges: [], names: new Set(), suffixes: [] };
  for (const text of list.map((entry) => entry.trim())) {
    const bare = text.replace(/^\[(.*)\]$/, '$1');
    try {
      if (isIP(bare) !== 0 || text.includes('/')) entries.ranges.push(parseRange(bare));
      else if (/^\*?\./.test(text)) entries.suffixes.push(`.${normaliseHost(text.replace(/^\*?\./, ''))}`);
      else entries.names.add(normaliseHost(text));
    } catch (error) {
      throw new EgressError('invalid', `"${text.slice(0, 100)}" in a list of hosts is neither CIDR, address, name nor *.name`, {
        cause: error,
      });
    }
  }
  return entries;
}

const listsName = ({ names, suffixes }: Entries, host: string): boolean =>
  names.has(host) || suffixes.some((suffix) => host.endsWith(suffix));

const listsAddress = ({ ranges }: Entries, address: Address): boolean => ranges.some((range) => isInRange(address, range));

const listsExactly = ({ ranges }: Entries, address: Address): boolean =>
  ranges.some((range) => isInRange(address, range) && range[1] === address.toByteArray().length * 8);

/** @throws EgressError `invalid` when an entry is malformed. */
export function compilePolicy(policy: EgressPolicy): CompiledPolicy {
  const allow = parseEntries(policy.allow);
  const deny = parseEntries(policy.deny ?? []);
  const isAllowed = (address: Address): boolean => listsAddress(allow, address) || (policy.allow_loopback === true && isLoopback(address));

  const findProblem = (address: Address, host: string): string | null => {
    if (listsAddress(deny, address)) return 'an address that this machine may not reach';
    if (isMetadata(address)) return listsExactly(allow, address) ? null : `a cloud metadata address; ${ASK_EXACTLY}`;
    const inner = embeddedAddress(address);
    if (inner !== null) {
      const problem = findProblem(inner, host);
      if (problem !== null) return problem;
      if (isAllowed(address) || (isMapped(address) && (isAllowed(inner) || listsName(allow, host)))) return null;
    } else if (isAllowed(address) || listsName(allow, host)) return null;
    const words = describeSpecial(address);
    return words === null ? null : `${words}; ${ASK}`;
  };

  return {
    findHostProblem: (host) => {
      if (listsName(deny, host)) return `${host} is a host that this machine may not reach`;
      if (METADATA_NAMES.has(host) && !allow.names.has(host)) return `${host} is a cloud metadata service; ${ASK_EXACTLY}`;
      return null;
    },
    findAddressProblem: (text, host) => {
      const problem = findProblem(parseAddress(text), host);
      if (problem === null) return null;
      return host === text ? `${host} is ${problem}` : `${host} resolves to ${text}, which is ${problem}`;
    },
  };
}
