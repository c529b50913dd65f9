/** Lines of etcd 3.4 to 3.6, as JSON, as zap's text, and as capnslog (3.4 by default). */
import type {SaidPattern} from '../said.ts';

/**
 * What precedes the message: the package in capnslog; `raft2026/11/27 11:46:33 INFO: ` where 3.4 writes raft's lines by Go's own
 * logger.
 */
const start = String.raw`^(?:raft\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [A-Z]{4,7}: |[\w/-]{1,32}: )?`;
const id = String.raw`[\da-f]{1,16}`;
const term = String.raw`at term (?<term>\d{1,15})`;

const message = (text: string) => new RegExp(`${start}${text}`, 's');

/** A field after the message: `name=value` of JSON, `"name": "value"` of zap's text. */
const field = (name: string, value: string) => `.*?\\b${name}(?:=|": ?"?)${value}`;

/** To its end, which is that of zap's JSON. */
const error = String.raw`${field('error', '(?<why>.*?)')}(?:"\}|$)`;
/** The next field: a second search would make the pattern quadratic. */
const changedNode = `[", ]{1,3}raft-conf-change-node-id(?:=|": ?"?)(?<object>${id})`;
/** A member that stops cancels its own streams. */
const notItself = '(?!.*context canceled)';

export const etcd: readonly SaidPattern[] = [
	{
		kind: 'etcd.elected',
		pattern: message(
			String.raw`raft\.node: ${id} (?:elected leader|changed leader from (?<from>${id}) to) (?<object>${id}) ${term}`,
		),
		seen: 'etcd 3.4 to 3.6 (raft/node.go)',
	},
	{
		kind: 'etcd.leader-lost',
		pattern: message(String.raw`raft\.node: ${id} lost leader (?<object>${id}) ${term}`),
		seen: 'etcd 3.4 to 3.6 (raft/node.go)',
	},
	{
		kind: 'etcd.leader-lost',
		pattern: message(`(?<object>${id}) stepped down to follower since (?<why>quorum is not active)`),
		seen: 'etcd 3.4 to 3.6 (raft/raft.go)',
	},
	{
		kind: 'etcd.no-leader',
		pattern: message('(?:serving /health false; no leader|/health error; no leader)'),
		seen: 'etcd 3.4 to 3.6 (etcdhttp/metrics.go)',
	},
	{
		// One line for each attempt; the lines `became pre-candidate` and `became candidate` follow it at once.
		kind: 'etcd.election',
		pattern: message(`(?<object>${id}) is starting a new election ${term}`),
		seen: 'etcd 3.4 to 3.6 (raft/raft.go)',
	},
	{
		kind: 'etcd.election',
		pattern: message(
			String.raw`(?<object>${id}) \[term (?<term>\d{1,15})\] received MsgTimeoutNow from (?<from>${id}) and starts an election`,
		),
		fields: {why: 'leadership transfer'},
		seen: 'etcd 3.4 to 3.6 (raft/raft.go)',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(
			`${notItself}peer became inactive \\(message send to peer failed\\)${field('peer-id', `(?<object>${id})`)}`,
		),
		seen: 'etcd 3.4 to 3.6 (rafthttp/peer_status.go)',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(`peer (?<object>${id}) became inactive`),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(
			`${notItself}lost TCP streaming connection with remote peer${field('remote-peer-id', `(?<object>${id})`)}`,
		),
		fields: {why: 'lost TCP streaming connection'},
		seen: 'etcd 3.4 to 3.6 (rafthttp/stream.go)',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(`lost the TCP streaming connection with peer (?<object>${id})`),
		fields: {why: 'lost TCP streaming connection'},
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(
			`prober detected unhealthy status${field('remote-peer-id', `(?<object>${id})`)}(?:${error})?`,
		),
		seen: 'etcd 3.4 to 3.6 (rafthttp/probing_status.go)',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(`health check for peer (?<object>${id}) could not connect: (?<why>.*)`),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(
			`(?:failed to reach the peer URL|failed to get version)${field('remote-member-id', `(?<object>${id})`)}(?:${error})?`,
		),
		seen: 'etcd 3.4 to 3.6 (etcdserver/cluster_util.go)',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(
			String.raw`failed to reach the peerURL\([^)]*\) of member (?<object>${id}) \((?<why>.*)\)$`,
		),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.peer-lost',
		pattern: message(String.raw`cannot get the version of member (?<object>${id}) \((?<why>.*)\)$`),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.peer-back',
		pattern: message(`peer became active${field('peer-id', `(?<object>${id})`)}`),
		seen: 'etcd 3.4 to 3.6 (rafthttp/peer_status.go)',
	},
	{
		kind: 'etcd.peer-back',
		pattern: message(`peer (?<object>${id}) became active`),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.slow-disk',
		pattern: message(`slow fdatasync${field('took', '(?<why>[^ ",]+)')}`),
		seen: 'etcd 3.4 to 3.6 (wal/wal.go)',
	},
	{
		kind: 'etcd.slow-disk',
		pattern: message('sync duration of (?<why>[^ ,]+), expected less than'),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.overloaded',
		pattern: message('(?:leader )?(?<why>failed to send out heartbeat on time)'),
		seen: 'etcd 3.4 to 3.6 (etcdserver/raft.go)',
	},
	{
		kind: 'etcd.overloaded',
		pattern: message(
			'(?<why>apply request took too long|waiting for ReadIndex response took too long|timed out waiting for read index response|server is likely overloaded|dropped (?:internal )?[Rr]aft message)',
		),
		seen: 'etcd 3.4 to 3.6',
	},
	{
		kind: 'etcd.overloaded',
		pattern: message(
			String.raw`(?:read-only range )?request ".*" (?<why>took too long \([^)]{1,40}\)) to execute`,
		),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.no-space',
		pattern: message(`alarm raised${field('alarm', 'NOSPACE')}(?:${field('from', `(?<object>${id})`)})?`),
		fields: {why: 'alarm NOSPACE'},
		seen: 'etcd 3.4 to 3.6 (etcdserver/apply.go)',
	},
	{
		kind: 'etcd.no-space',
		pattern: message(`alarm NOSPACE raised by peer (?<object>${id})`),
		fields: {why: 'alarm NOSPACE'},
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.no-space',
		pattern: /(?<why>mvcc: database space exceeded|etcdserver: no space|no space left on device)/,
		seen: 'etcd 3.4 to 3.6',
	},
	{
		kind: 'etcd.space-freed',
		pattern: message(`alarm disarmed${field('alarm', 'NOSPACE')}(?:${field('from', `(?<object>${id})`)})?`),
		seen: 'etcd 3.4 to 3.6 (etcdserver/apply.go)',
	},
	{
		kind: 'etcd.space-freed',
		pattern: message('alarm disarmed .*\\balarm:NOSPACE'),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.corrupt',
		pattern: message(`alarm raised${field('alarm', 'CORRUPT')}(?:${field('from', `(?<object>${id})`)})?`),
		seen: 'etcd 3.4 to 3.6 (etcdserver/apply.go)',
	},
	{
		kind: 'etcd.corrupt',
		pattern: message(`alarm CORRUPT raised by peer (?<object>${id})`),
		seen: 'etcd 3.4, capnslog',
	},
	// The lines `added member` and `removed member` come again with each start, when etcd reads its log; capnslog has no others.
	{
		kind: 'etcd.member-added',
		pattern: message(
			`applied a configuration change through raft${field('raft-conf-change', 'ConfChangeAdd(?:Learner)?Node')}${changedNode}`,
		),
		seen: 'etcd 3.4 to 3.6 (etcdserver/server.go), on the member that was asked',
	},
	{
		kind: 'etcd.member-removed',
		pattern: message(
			`applied a configuration change through raft${field('raft-conf-change', 'ConfChangeRemoveNode')}${changedNode}`,
		),
		seen: 'etcd 3.4 to 3.6 (etcdserver/server.go), on the member that was asked',
	},
	{
		kind: 'etcd.started',
		pattern: message(
			`published local member to cluster through raft${field('local-member-attributes', '\\{Name:(?<object>[^ }]+)')}`,
		),
		seen: 'etcd 3.4 to 3.6 (etcdserver/server.go)',
	},
	{
		kind: 'etcd.started',
		pattern: message(String.raw`published \{Name:(?<object>[^ }]+)`),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.stopped',
		pattern: message(`received signal; shutting down${field('signal', '(?<why>[^"]+)')}`),
		seen: 'etcd 3.4 to 3.6 (osutil/interrupt_unix.go)',
	},
	{
		kind: 'etcd.stopped',
		pattern: message('received (?<why>[a-z ]{1,32}) signal, shutting down'),
		seen: 'etcd 3.4, capnslog',
	},
	{
		kind: 'etcd.stopped',
		pattern: message(
			'.*?(?<why>the member has been permanently removed from the cluster|data-dir used by this member must be removed)',
		),
		seen: 'etcd 3.4 to 3.6 (etcdserver/server.go)',
	},
	{
		kind: 'etcd.stopped',
		pattern: message('(?<why>failed to start etcd|discovery failed|listener failed)'),
		seen: 'etcd 3.4 to 3.6 (etcdmain/etcd.go)',
	},
];
