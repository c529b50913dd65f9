/** Commands: the meaning of a key. Only the keymap knows which key. */

/** Commands that open an operation's question. */
export type OperationCommand =
	| 'operation.switchover'
	| 'operation.failover'
	| 'operation.restart'
	| 'operation.reload'
	| 'operation.reinitialize'
	| 'operation.pause'
	| 'operation.configure'
	| 'operation.end';

export type Command =
	| 'quit'
	| 'help.toggle'
	| 'findings.toggle'
	| 'findings.expand'
	| `sessions.${'toggle' | 'group'}`
	| 'findings.acknowledge'
	| `trends.${'toggle' | 'span'}`
	| 'dismiss'
	| 'refresh'
	| 'pane.next'
	| 'pane.previous'
	| 'select.up'
	| 'select.down'
	| 'details.open'
	| 'menu.open'
	| 'menu.choose'
	| 'run.open'
	| 'run.cancel'
	| 'drill.open'
	| 'drill.stop'
	| OperationCommand
	| 'dialog.next'
	| 'dialog.previous'
	| 'dialog.left'
	| 'dialog.right'
	| 'dialog.yes'
	| 'dialog.enter'
	| 'text.erase'
	| 'text.clear'
	| 'log.open'
	| 'log.all'
	| 'log.pick'
	| 'log.toggle'
	| 'log.entries'
	| 'log.entry'
	| 'log.search'
	| 'log.next'
	| 'log.previous'
	| 'log.filter'
	| 'log.level'
	| 'log.wrap'
	| 'log.split'
	| 'log.time'
	| 'log.back'
	| 'log.copy'
	| 'log.write'
	| 'log.first'
	| 'log.follow'
	| `page.${'up' | 'down'}`
	| `go.${'first' | 'last'}`
	| 'prompt.take'
	| 'copy.row'
	| 'copy.screen'
	| 'screen.write'
	| 'palette.open'
	| 'palette.run'
	| `timeline.${'open' | 'close' | 'view'}`
	| `list.${'filter' | 'search' | 'next' | 'previous'}`
	| 'freeze.toggle'
	| 'redraw'
	| 'record.toggle'
	| 'play.toggle'
	| 'play.faster'
	| 'play.slower'
	| 'play.forward'
	| 'play.back'
	| 'play.next'
	| 'play.previous'
	| 'play.entry'
	| 'play.first'
	| 'play.last'
	| 'play.time'
	| 'play.view'
	| 'suspend';

/** The first part of a command's name: `log` of `log.open`. */
export type CommandArea = Command extends infer C ? (C extends `${infer A}.${string}` ? A : C) : never;

export type CommandOf<A extends CommandArea> = Extract<Command, A | `${A}.${string}`>;

/** Checks the name only: recordings of newer consoles may have commands that are unknown here. */
export function isCommandOf<A extends CommandArea>(
	command: Command,
	...areas: readonly A[]
): command is CommandOf<A> {
	const [area] = command.split('.');
	return areas.some(one => one === area);
}
