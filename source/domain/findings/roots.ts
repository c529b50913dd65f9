import {advice} from './advice.ts';
import {causeTable} from './causes.ts';
import type {FindingContext} from './context.ts';
import {type Finding, keyOfFinding, type Severity} from './finding.ts';
import {FoundFindings} from './found-findings.ts';
import type {Link} from './links.ts';
import {Places} from './places.ts';
import {nameOf} from './running.ts';

/** Sets the key of the root on each finding that has one. */
export function foldCauses(context: FindingContext, found: readonly Finding[]): readonly Finding[] {
	if (found.length < 2) {
		return found;
	}

	const places = new Places(context, new FoundFindings(context, found, id => causeTable[id].subject));
	const nearest = new Map(found.map(finding => [finding, causeOf(finding, places)]));
	const causes = withoutEarlier(nearest, context);
	return found.map(finding => {
		const root = rootOf(finding, one => causes.get(one));
		return root === finding ? finding : {...finding, cause: keyOfFinding(root)};
	});
}

/** What held before an operation began does not follow from it, nor from its effects. */
function withoutEarlier(
	causes: ReadonlyMap<Finding, Finding | undefined>,
	{running}: FindingContext,
): ReadonlyMap<Finding, Finding | undefined> {
	if (running.length === 0) {
		return causes;
	}

	return new Map(
		[...causes].map(([finding, cause]) => {
			const root = rootOf(finding, one => causes.get(one));
			const operation = running.find(one => keyOfFinding(nameOf(one)) === keyOfFinding(root));
			const before = new Set(operation?.heldBefore);
			const isEarlier =
				before.has(keyOfFinding(finding)) && (cause === undefined || !before.has(keyOfFinding(cause)));
			return [finding, isEarlier ? undefined : cause];
		}),
	);
}

/** Findings without fresh evidence explain nothing. */
function isSeenNow({evidence}: Finding): boolean {
	return evidence.some(({fresh}) => fresh);
}

/**
 * The first cause in the table that holds. Among several the lowest key wins, so that the order of findings does not
 * matter.
 */
function causeOf(finding: Finding, places: Places): Finding | undefined {
	for (const link of causeTable[finding.id].follows) {
		const [cause] = candidates(link, finding, places)
			.filter(one => one !== finding && isSeenNow(one))
			.sort((a, b) => (keyOfFinding(a) < keyOfFinding(b) ? -1 : 1));
		if (cause !== undefined) {
			return cause;
		}
	}

	return undefined;
}

function candidates({from, part, where}: Link, finding: Finding, places: Places): Finding[] {
	const found = places.found.at(from, where(places, finding));
	return part === undefined ? found : found.filter(one => one.part === part);
}

/** The root of a chain of causes. A cycle ends at its start: findings of different moments may name each other. */
function rootOf<F>(finding: F, causeOfOne: (finding: F) => F | undefined): F {
	const seen = new Set([finding]);
	let root = finding;
	for (let next = causeOfOne(root); next !== undefined; next = causeOfOne(root)) {
		if (seen.has(next)) {
			return finding;
		}

		seen.add(next);
		root = next;
	}

	return root;
}

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2, notice: 3};

/** `until`: a flapping finding that does not hold now. */
type Sorted = Finding & {until?: number | undefined};

/**
 * Roots, worst first, each followed by its consequences and with the worst severity among them. Among equals, findings
 * that affect clients now come first, those that can wait after others, and those that do not hold now last. A finding whose root is absent is a root
 * itself.
 */
export function worstFirst<F extends Sorted>(all: readonly F[]): F[] {
	const byKey = new Map(all.toReversed().map(finding => [keyOfFinding(finding), finding]));
	const rootAmong = (finding: F) =>
		rootOf(finding, ({cause}) => (cause === undefined ? undefined : byKey.get(cause)));
	const groups = new Map<F, F[]>();
	for (const finding of all) {
		const root = rootAmong(finding);
		const group = groups.get(root) ?? [];
		groups.set(root, root === finding ? group : [...group, {...finding, cause: keyOfFinding(root)}]);
	}

	return [...groups]
		.map(([root, consequences]) => asGroup(root, consequences))
		.sort(compare)
		.flatMap(({findings}) => findings);
}

type Group<F> = {
	severity: Severity;
	isFelt: boolean;
	canWait: boolean;
	isPast: boolean;
	findings: readonly F[];
};

function asGroup<F extends Sorted>({cause: _, ...root}: F, consequences: readonly F[]): Group<F> {
	const sorted = consequences
		.map(one => ({
			severity: one.severity,
			isFelt: isFelt(one),
			canWait: canWait(one),
			isPast: isPast(one),
			findings: [one],
		}))
		.sort(compare);
	const severity = [root, ...consequences].map(one => one.severity).sort((a, b) => rank[a] - rank[b])[0];
	const findings = [{...root, severity} as F, ...sorted.flatMap(one => one.findings)];
	return {
		severity: severity ?? root.severity,
		isFelt: findings.some(isFelt),
		canWait: findings.every(canWait),
		isPast: findings.every(isPast),
		findings,
	};
}

function compare(a: Group<unknown>, b: Group<unknown>): number {
	return (
		rank[a.severity] - rank[b.severity] ||
		Number(b.isFelt) - Number(a.isFelt) ||
		Number(a.isPast) - Number(b.isPast) ||
		Number(a.canWait) - Number(b.canWait)
	);
}

function isFelt(finding: Sorted): boolean {
	return advice[finding.id].felt === true && !isPast(finding);
}

function canWait({id}: Sorted): boolean {
	return advice[id].canWait === true;
}

function isPast({until}: Sorted): boolean {
	return until !== undefined;
}

/** Groups the findings by root, in the order of `worstFirst`. */
export function byRoot<F extends Finding>(all: readonly F[]): {root: F; consequences: readonly F[]}[] {
	const groups: {root: F; consequences: F[]}[] = [];
	for (const finding of all) {
		if (finding.cause === undefined) {
			groups.push({root: finding, consequences: []});
		} else {
			groups.at(-1)?.consequences.push(finding);
		}
	}

	return groups;
}
