// The arrows of ARCHITECTURE.md, checked on the real import graph.
import { cruise } from 'dependency-cruiser';
import { forbidden, options } from '../.dependency-cruiser.mjs';

/** Without a TypeScript it understands, dependency-cruiser sees no `.ts` file and is content with that. */
const MIN_MODULES = 50;

const { output } = await cruise(['packages', 'apps'], { ...options, ruleSet: { forbidden }, validate: true });
if (typeof output === 'string') throw new Error('dependency-cruiser answered with text instead of a result.');

const sources = output.modules.filter((module) => /^(packages|apps)\/.*\.tsx?$/.test(module.source));
for (const { rule, from, to, cycle } of output.summary.violations) {
  const path = cycle === undefined ? to : cycle.map((step) => step.name).join(' → ');
  const reason = forbidden.find((candidate) => candidate.name === rule.name)?.comment ?? '';
  console.error(`${from} → ${path}\n    ${rule.name}: ${reason}`);
}
console.log(
  `${sources.length} modules, ${output.summary.totalDependenciesCruised} dependencies, ${output.summary.violations.length} violations`,
);
if (sources.length < MIN_MODULES)
  console.error(`Only ${sources.length} modules were seen (at least ${MIN_MODULES} expected): the check would pass on nothing.`);
if (output.summary.violations.length > 0 || sources.length < MIN_MODULES) process.exitCode = 1;
