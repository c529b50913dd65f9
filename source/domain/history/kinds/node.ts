/** What the lines of the kernel, of systemd, and of the node as a whole mean. */
import type {SaidKind} from '../said.ts';
import {because, named, pidOf, type Traits, unitOf} from './traits.ts';

export const nodeKinds: Readonly<
	Record<Extract<SaidKind, `${'kernel' | 'unit' | 'node' | 'clock'}.${string}`>, Traits>
> = {
	'kernel.boot': {place: 'recovery', entry: 'sight', words: (_, node) => `${node} booted`},
	'kernel.link-down': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the link of${named(said)} is down`,
	},
	'kernel.link-up': {
		place: 'recovery',
		entry: 'sight',
		words: (said, node) => `${node}: the link of${named(said)} is up`,
	},
	'kernel.oom-kill': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: out of memory, the kernel killed${named(said)}${pidOf(said)}`,
	},
	'kernel.disk-error': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: errors of the disk${named(said)}${because(said)}`,
	},
	'kernel.read-only': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the file system${named(said)} became read-only`,
	},
	'kernel.hung': {place: 'machine', entry: 'sight', words: (said, node) => `${node} hangs${because(said)}`},
	'kernel.panic': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the kernel crashed${because(said)}`,
	},
	'unit.started': {
		place: 'recovery',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} was started`,
		isInFacts: true,
	},
	'unit.stopping': {
		place: 'order',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} is being stopped`,
		isInFacts: true,
	},
	'unit.stopped': {
		place: 'effect',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} has stopped`,
		isInFacts: true,
	},
	'unit.failed': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} failed${because(said)}`,
	},
	'unit.oom-kill': {
		place: 'machine',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: out of memory, a process of ${unitOf(said, service)} was killed`,
	},
	'unit.restarting': {
		place: 'recovery',
		entry: 'service',
		words: (said, node, service) => `${node}: systemd restarts ${unitOf(said, service)}`,
		isInFacts: true,
	},
	'node.shutdown': {place: 'order', entry: 'sight', words: (_, node) => `${node} is being shut down`},
	'unit.left-over': {
		place: 'routine',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: ${said.why ?? 'a process'} of an earlier run of ${unitOf(said, service)} still runs`,
	},
	'kernel.bug': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: a fault of the kernel${because(said)}`,
	},
	'kernel.segfault': {
		place: 'program',
		entry: 'sight',
		words: (said, node) => `${node}: ${said.object ?? 'a process'} crashed${pidOf(said)}`,
	},
	'unit.exited': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) => `${node}: a process of ${unitOf(said, service)} ended${because(said)}`,
	},
	'unit.signalled': {
		place: 'order',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} was sent a signal${because(said)}`,
	},
	'unit.timed-out': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: ${unitOf(said, service)} did not answer in time${because(said)}`,
	},
	'node.booted': {
		place: 'routine',
		entry: 'sight',
		words: (_, node) => `${node} has started everything`,
	},
	'node.silent': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node} stopped without a shutdown${because(said)}`,
	},
	'clock.stepped': {
		place: 'machine',
		entry: 'sight',
		words: ({byMs}, node) =>
			`the clock of ${node} was set${byMs === undefined ? '' : ` by ${byMs / 1000} s`}`,
	},
};
