import {describe} from 'vitest';
import {system, systemd, systemdByDescription} from '../../../../source/domain/history/programs/systemd.ts';
import {expectSaid} from './expect-said.ts';

describe('systemd about units', () => {
	expectSaid('system', systemd, [
		// 252 to 258, from the lab.
		['Started ssh.service - OpenBSD Secure Shell server.', {kind: 'unit.started', object: 'ssh.service'}],
		[
			'Stopping patroni.service - Runners to orchestrate a high-availability PostgreSQL...',
			{kind: 'unit.stopping', object: 'patroni.service'},
		],
		[
			'Stopped keepalived.service - Keepalive Daemon (LVS and VRRP).',
			{kind: 'unit.stopped', object: 'keepalived.service'},
		],
		['patroni.service: Deactivated successfully.', {kind: 'unit.stopped', object: 'patroni.service'}],
		[
			'haproxy.service: Main process exited, code=killed, status=9/KILL',
			{kind: 'unit.exited', object: 'haproxy.service', why: 'code=killed, status=9/KILL'},
		],
		[
			'haproxy.service: Control process exited, code=exited, status=1/FAILURE',
			{kind: 'unit.exited', object: 'haproxy.service', why: 'code=exited, status=1/FAILURE'},
		],
		[
			"haproxy.service: Failed with result 'signal'.",
			{kind: 'unit.failed', object: 'haproxy.service', why: 'signal'},
		],
		[
			'haproxy.service: Scheduled restart job, restart counter is at 1.',
			{kind: 'unit.restarting', object: 'haproxy.service', why: 'restart counter is at 1'},
		],
		[
			'haproxy.service: Start request repeated too quickly.',
			{kind: 'unit.failed', object: 'haproxy.service', why: 'Start request repeated too quickly'},
		],
		[
			'Failed to start haproxy.service - HAProxy Load Balancer.',
			{kind: 'unit.failed', object: 'haproxy.service'},
		],
		[
			'haproxy.service: Sent signal SIGKILL to main process 51 (haproxy) on client request.',
			{
				kind: 'unit.signalled',
				object: 'haproxy.service',
				why: 'SIGKILL to main process 51 (haproxy) on client request.',
			},
		],
		[
			'patroni.service: Found left-over process 812 (postgres) in control group while starting unit. Ignoring.',
			{kind: 'unit.left-over', object: 'patroni.service', pid: 812, why: 'postgres'},
		],
		['haproxy.service: Consumed 1.204s CPU time.', undefined],
		['haproxy.service: Killing process 77 (haproxy) with signal SIGKILL.', undefined],
		['run-user-1000.mount: Deactivated successfully.', undefined],
		['Starting etcd.service - etcd - highly-available key value store...', undefined],
		['Stopped target network-online.target - Network is Online.', undefined],
		// From the sources.
		[
			'postgresql@17-main.service: A process of this unit has been killed by the OOM killer.',
			{kind: 'unit.oom-kill', object: 'postgresql@17-main.service'},
		],
		[
			'patroni.service: The kernel OOM killer killed some processes in this unit.',
			{kind: 'unit.oom-kill', object: 'patroni.service'},
		],
		[
			"patroni.service: Failed with result 'oom-kill'.",
			{kind: 'unit.oom-kill', object: 'patroni.service', why: 'oom-kill'},
		],
		[
			"patroni.service: State 'stop-sigterm' timed out. Killing.",
			{kind: 'unit.timed-out', object: 'patroni.service', why: "State 'stop-sigterm' timed out"},
		],
		[
			'patroni.service: start operation timed out. Terminating.',
			{kind: 'unit.timed-out', object: 'patroni.service', why: 'start operation timed out'},
		],
		[
			'app.service: Watchdog timeout (limit 30s)!',
			{kind: 'unit.timed-out', object: 'app.service', why: 'Watchdog timeout'},
		],
		[
			'Dependency failed for data.mount - /data.',
			{kind: 'unit.failed', object: 'data.mount', why: 'Dependency failed'},
		],
		['Failed to mount data.mount - /data.', {kind: 'unit.failed', object: 'data.mount'}],
		[
			'Stopped (with error) patroni.service - Runners to orchestrate a high-availability PostgreSQL.',
			{kind: 'unit.failed', object: 'patroni.service', why: '(with error)'},
		],
		[
			'Stopped patroni.service - Runners to orchestrate a high-availability PostgreSQL with error.',
			{kind: 'unit.failed', object: 'patroni.service', why: 'with error'},
		],
		[
			'patroni.service: Service hold-off time over, scheduling restart.',
			{kind: 'unit.restarting', object: 'patroni.service', why: 'hold-off time over'},
		],
		['Unit haproxy.service entered failed state.', {kind: 'unit.failed', object: 'haproxy.service'}],
		[
			'Killed /system.slice/patroni.service due to memory pressure for /system.slice being 71.00% > 60.00% for > 30s with reclaim activity',
			{
				kind: 'unit.oom-kill',
				object: 'patroni.service',
				why: 'memory pressure for /system.slice being 71.00% > 60.00% for > 30s with reclaim activity',
			},
		],
		['etcd.service: Succeeded.', {kind: 'unit.stopped', object: 'etcd.service'}],
	]);
});

describe('systemd before 249, which writes a description for the name', () => {
	expectSaid('haproxy', systemdByDescription, [
		['Started HAProxy Load Balancer.', {kind: 'unit.started', object: 'HAProxy Load Balancer'}],
		['Stopping HAProxy Load Balancer...', {kind: 'unit.stopping', object: 'HAProxy Load Balancer'}],
		['Stopped HAProxy Load Balancer.', {kind: 'unit.stopped', object: 'HAProxy Load Balancer'}],
		['Failed to start HAProxy Load Balancer.', {kind: 'unit.failed', object: 'HAProxy Load Balancer'}],
		[
			'Dependency failed for HAProxy Load Balancer.',
			{kind: 'unit.failed', object: 'HAProxy Load Balancer', why: 'Dependency failed'},
		],
		['Stopped target Network is Online.', undefined],
		['Started Session 3 of User root.', undefined],
		[
			'Stopped systemd-ask-password-wall.path - Forward Password Requests to Wall Directory Watch.',
			undefined,
		],
		['Stopped systemd-ask-password-wall.path.', undefined],
	]);
});

describe('the log of the system', () => {
	expectSaid('system', system, [
		['Activating special unit poweroff.target...', {kind: 'node.shutdown', why: 'poweroff.target'}],
		[
			'Stopped target multi-user.target - Multi-User System.',
			{kind: 'node.shutdown', why: 'multi-user.target'},
		],
		['Stopped target Multi-User System.', {kind: 'node.shutdown', why: 'Multi-User System'}],
		['Reached target shutdown.target - System Shutdown.', {kind: 'node.shutdown', why: 'shutdown.target'}],
		['Reached target poweroff.target - System Power Off.', {kind: 'node.shutdown', why: 'poweroff.target'}],
		['Reached target multi-user.target - Multi-User System.', undefined],
		['Reached target Reboot.', {kind: 'node.shutdown', why: 'Reboot'}],
		['Startup finished in 476ms.', {kind: 'node.booted', why: '476ms'}],
		[
			'Startup finished in 3.210s (kernel) + 8.431s (userspace) = 11.641s.',
			{kind: 'node.booted', why: '3.210s (kernel) + 8.431s (userspace) = 11.641s'},
		],
		['System is powering down.', {kind: 'node.shutdown', why: 'System is powering down'}],
		['System is rebooting.', {kind: 'node.shutdown', why: 'System is rebooting'}],
		['The system will reboot now!', {kind: 'node.shutdown', why: 'The system will reboot'}],
		['System is tainted: unmerged-bin', undefined],
		['System clock was stepped by -3601.734210 seconds', {kind: 'clock.stepped', byMs: -3_601_734}],
		['System clock wrong by 1.734210 seconds', undefined],
		['Forward time jump detected!', {kind: 'clock.stepped', why: 'Forward time jump detected'}],
		['CLOCK: time stepped by 1.480000', {kind: 'clock.stepped', byMs: 1480}],
		['time set +2.345678 s', {kind: 'clock.stepped', byMs: 2346}],
		['0.0.0.0 c61c 0c clock_step +1.234567 s', {kind: 'clock.stepped', byMs: 1235}],
		['step time server 192.0.2.1 offset -0.734210 sec', {kind: 'clock.stepped', byMs: -734}],
		['Time has been changed', {kind: 'clock.stepped', why: 'Time has been changed'}],
		['Clock change detected. Flushing caches.', {kind: 'clock.stepped', why: 'Clock change detected'}],
		['Initial clock synchronization to Fri 2026-11-27 11:46:33.118735 UTC.', undefined],
	]);
});
