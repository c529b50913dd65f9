/** What an operation is: all that the console knows of one kind, in one place. */
import {utc} from '../../../lib/parse-time.ts';
import type {Member} from '../../cluster/member.ts';
import type {Machine} from '../../cluster/members.ts';
import type {OperationCommand} from '../../events.ts';
import type {
	ClusterContext,
	FieldId,
	Operation,
	OperationContext,
	OperationKind,
	Precondition,
	Requests,
	StepDefinition,
} from '../types.ts';

export type OperationOf<K extends OperationKind> = Extract<Operation, {kind: K}>;

/** The row that the menu is opened for. */
export type MenuRow = {member: Member | undefined; machine: Machine | undefined};

/** An entry of the menu, before it is checked. */
export type DraftOffer<O extends Operation = Operation> = {
	/** The kind where it is not given. */
	id?: string;
	label: string;
	/** Why the operation is not available, if it is not. */
	operation: O | {unavailable: string};
	/** When what it cancels would happen, as Patroni keeps it. */
	scheduledAt?: string;
};

/** A field of the question that the arrow keys change. */
export type ChoiceField<O extends Operation = Operation> = {
	id: FieldId;
	input: 'choice';
	label: string;
	/** Where it is not given: always. */
	isOffered?(operation: O, context: OperationContext): boolean;
	value(operation: O): string;
	/** @param step 1 for the next value, -1 for the previous one */
	change(operation: O, step: number, context: OperationContext): O;
};

/** A field of the question that takes a time as text. */
export type TimeField<O extends Operation = Operation> = {
	id: FieldId;
	input: 'time';
	label: string;
	/** Unix ms; undefined is now. */
	value(operation: O): number | undefined;
	withValue(operation: O, at: number | undefined): O;
};

export type OperationField<O extends Operation = Operation> = ChoiceField<O> | TimeField<O>;

export type OperationDefinition<K extends OperationKind = OperationKind> = {
	/** In one line, with its target: for titles, the status line, the timeline and the audit log. */
	describe(operation: OperationOf<K>): string;
	/** Exactly what is sent. */
	requests(operation: OperationOf<K>, context: ClusterContext): Requests;
	/** What is for or against it now, in any order. */
	preconditions(operation: OperationOf<K>, context: OperationContext): readonly Precondition[];
	/** How sources see its progress. */
	steps(operation: OperationOf<K>, context: ClusterContext): readonly StepDefinition[];
	/** Its entries in the menu. */
	offers(row: MenuRow, context: OperationContext): readonly DraftOffer<OperationOf<K>>[];
	/** What it applies to; one on the cluster needs no selected row. */
	appliesTo: 'member' | 'cluster' | 'machine';
	/** The command of its own key. */
	command?: OperationCommand;
	/** Fields of its question, in the order of Tab. */
	fields?: readonly OperationField<OperationOf<K>>[];
	/** The name that must be typed, where it can lose data or takes a node away. */
	confirmationName?(operation: OperationOf<K>, context: OperationContext): string | undefined;
	/** Its steps compare revisions of etcd's keys: a rebuilt etcd cannot show its result. */
	comparesRevisions: boolean;
	/** The member that is to lead at once. */
	newLeader?(operation: OperationOf<K>): string | undefined;
	/** The SSH connection may end with it. */
	endsConnection?: true;
	/** It is made in an editor, and valid only for the revision of the configuration that was edited. */
	editsConfiguration?: true;
	/** Without the secrets that it holds, for logs and recordings. */
	redact?(operation: OperationOf<K>): OperationOf<K>;
};

/** A field for the time of an operation that Patroni can schedule. */
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
