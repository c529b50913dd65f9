/** The type of a definition: all that the console knows about one kind of operation. */
import {utc} from '../../../lib/parse-time.ts';
import type {Member} from '../../cluster/member.ts';
import type {Machine} from '../../cluster/members.ts';
import type {SessionRow} from '../../cluster/session-list.ts';
import type {OperationCommand} from '../../commands.ts';
import type {
	ClusterContext,
	Effect,
	FieldId,
	Gate,
	Guard,
	Operation,
	OperationContext,
	OperationKind,
	Precondition,
	Requests,
	Run,
	StepDefinition,
} from '../types.ts';

export type OperationOf<K extends OperationKind> = Extract<Operation, {kind: K}>;

/** The row that the menu is opened for. */
export type MenuRow = {
	member: Member | undefined;
	machine: Machine | undefined;
	/** The row in the list of sessions. */
	session?: SessionRow | undefined;
};

/** A menu entry before its preconditions are checked. */
export type DraftOffer<O extends Operation = Operation> = {
	/** The kind, if undefined. */
	id?: string;
	label: string;
	/** The operation, or why it is not available. */
	operation: O | {unavailable: string};
	/** The time of the schedule that the operation cancels, as Patroni stores it. */
	scheduledAt?: string;
};

/** A field of the question that the arrow keys change. */
export type ChoiceField<O extends Operation = Operation> = {
	id: FieldId;
	input: 'choice';
	label: string;
	/** It chooses what happens before the operation: a drill measures the operation alone. */
	isPreparation?: true;
	/** Always, if undefined. */
	isOffered?(operation: O, context: OperationContext): boolean;
	value(operation: O): string;
	/** @param step 1 for the next value, -1 for the previous one */
	change(operation: O, step: number, context: OperationContext): O;
};

/** A field of the question for a time, typed as text. */
export type TimeField<O extends Operation = Operation> = {
	id: FieldId;
	input: 'time';
	label: string;
	/** Unix ms; undefined means now. */
	value(operation: O): number | undefined;
	withValue(operation: O, at: number | undefined): O;
};

export type OperationField<O extends Operation = Operation> = ChoiceField<O> | TimeField<O>;

export type OperationDefinition<K extends OperationKind = OperationKind> = {
	/** The operation in one line, with its target, for titles, the status line, the timeline and the audit log. */
	describe(operation: OperationOf<K>): string;
	/** The exact requests. */
	requests(operation: OperationOf<K>, context: ClusterContext): Requests;
	/** The preconditions now, in any order. */
	preconditions(operation: OperationOf<K>, context: OperationContext): readonly Precondition[];
	/** The progress, as sources see it. */
	steps(operation: OperationOf<K>, context: ClusterContext): readonly StepDefinition[];
	/** The operation's menu entries. */
	offers(row: MenuRow, context: OperationContext): readonly DraftOffer<OperationOf<K>>[];
	/** What the operation applies to; `cluster` needs no selected row. */
	appliesTo: 'member' | 'cluster' | 'machine' | 'session';
	/** The command of the operation's own key. */
	command?: OperationCommand;
	/** Fields of the question, in the order of Tab. */
	fields?: readonly OperationField<OperationOf<K>>[];
	/** The name to type for an operation that can lose data or stops a node. */
	confirmationName?(operation: OperationOf<K>, context: OperationContext): string | undefined;
	/** It runs beside any other operation, and none waits for it. */
	isBeside?: true;
	/** The steps compare revisions of etcd's keys, so a rebuilt etcd cannot show the result. */
	comparesRevisions: boolean;
	/** The member that takes over at once. */
	newLeader?(operation: OperationOf<K>): string | undefined;
	/** Undefined if nothing stops, or not now; what stops with a machine follows from its stop. */
	effect?(operation: OperationOf<K>, guard: Guard): Effect | undefined;
	/** Whether the next of several requests, or one that waits, may be sent now; without it the only one is sent at once. */
	gate?(run: Run, context: ClusterContext): Gate;
	/** Why the value that its statement returned, if any, means that nothing was done; undefined if it was. */
	whyNotDone?(value: string | undefined): string | undefined;
	/** The operation may end the SSH connection. */
	endsConnection?: true;
	/** An editor creates the operation; it is valid only for the revision that was edited. */
	editsConfiguration?: true;
	/** The operation without secrets, for logs and recordings. */
	redact?(operation: OperationOf<K>): OperationOf<K>;
};

/** The field for the time of an operation that Patroni can schedule. */
export function scheduleField<O extends Operation & {at: number | undefined}>(): TimeField<O> {
	return {
		id: 'when',
		input: 'time',
		label: 'when',
		value: ({at}) => at,
		withValue: (operation, at) => ({...operation, at}),
	};
}

export function scheduleSuffix(at: number | undefined): string {
	return at === undefined ? '' : ` at ${utc(at)}`;
}

export function yesOrNo(value: boolean): string {
	return value ? 'yes' : 'no';
}
