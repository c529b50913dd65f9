import {describe} from 'vitest';
import {etcd} from '../../../../source/domain/history/programs/etcd.ts';
import {expectSaid} from './expect-said.ts';

describe('etcd', () => {
	expectSaid('etcd', etcd, [
		// JSON of 3.5 and 3.6, as the console shows it.
		[
			'raft.node: 74bd96734677205c elected leader 74bd96734677205c at term 2 logger=raft',
			{kind: 'etcd.elected', object: '74bd96734677205c', term: 2},
		],
		[
			'applied a configuration change through raft local-member-id=aece9727e17f4e60 raft-conf-change=ConfChangeAddNode raft-conf-change-node-id=128d561b356a5206',
			{kind: 'etcd.member-added', object: '128d561b356a5206'},
		],
		[
			'lost TCP streaming connection with remote peer stream-reader-type=stream MsgApp v2 local-member-id=fa44901f78e31d72 remote-peer-id=aece9727e17f4e60 error=context canceled',
			undefined,
		],
		['ready to serve client requests', undefined],
		[
			'added member cluster-id=3f2ea3f5a95a5b5b local-member-id=fa44901f78e31d72 added-peer-id=fa44901f78e31d72 added-peer-peer-urls=["http://10.73.0.170:2380"]',
			undefined,
		],

		[
			'raft.node: aece9727e17f4e60 changed leader from aece9727e17f4e60 to 128d561b356a5206 at term 5 logger=raft',
			{kind: 'etcd.elected', from: 'aece9727e17f4e60', object: '128d561b356a5206', term: 5},
		],
		[
			'raft.node: 128d561b356a5206 lost leader aece9727e17f4e60 at term 4 logger=raft',
			{kind: 'etcd.leader-lost', object: 'aece9727e17f4e60', term: 4},
		],
		[
			'128d561b356a5206 is starting a new election at term 4 logger=raft',
			{kind: 'etcd.election', object: '128d561b356a5206', term: 4},
		],
		[
			'aece9727e17f4e60 [term 5] received MsgTimeoutNow from 128d561b356a5206 and starts an election to get leadership. logger=raft',
			{
				kind: 'etcd.election',
				object: 'aece9727e17f4e60',
				from: '128d561b356a5206',
				term: 5,
				why: 'leadership transfer',
			},
		],
		[
			'peer became inactive (message send to peer failed) peer-id=128d561b356a5206 error=failed to dial 128d561b356a5206 on stream Message (EOF)',
			{kind: 'etcd.peer-lost', object: '128d561b356a5206'},
		],
		[
			'lost TCP streaming connection with remote peer stream-writer-type=stream Message local-member-id=fa44901f78e31d72 remote-peer-id=128d561b356a5206',
			{kind: 'etcd.peer-lost', object: '128d561b356a5206', why: 'lost TCP streaming connection'},
		],
		[
			'prober detected unhealthy status round-tripper-name=ROUND_TRIPPER_RAFT_MESSAGE remote-peer-id=74bd96734677205c rtt=512.3µs error=dial tcp 10.73.0.171:2380: connect: no route to host',
			{
				kind: 'etcd.peer-lost',
				object: '74bd96734677205c',
				why: 'dial tcp 10.73.0.171:2380: connect: no route to host',
			},
		],
		[
			'failed to get version remote-member-id=fa44901f78e31d72 error=Get "http://10.73.0.170:2380/version": dial tcp 10.73.0.170:2380: connect: connection refused',
			{
				kind: 'etcd.peer-lost',
				object: 'fa44901f78e31d72',
				why: 'Get "http://10.73.0.170:2380/version": dial tcp 10.73.0.170:2380: connect: connection refused',
			},
		],
		['peer became active peer-id=fa44901f78e31d72', {kind: 'etcd.peer-back', object: 'fa44901f78e31d72'}],
		['slow fdatasync took=1.412388s expected-duration=1s', {kind: 'etcd.slow-disk', why: '1.412388s'}],
		[
			'leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk to=74bd96734677205c heartbeat-interval=200ms expected-duration=400ms exceeded-duration=9.6s',
			{kind: 'etcd.overloaded', why: 'failed to send out heartbeat on time'},
		],
		[
			'apply request took too long took=350.9ms expected-duration=100ms prefix=read-only range request=key:"/service/" response=range_response_count:9 size:2311',
			{kind: 'etcd.overloaded', why: 'apply request took too long'},
		],
		[
			'74bd96734677205c stepped down to follower since quorum is not active logger=raft',
			{kind: 'etcd.leader-lost', object: '74bd96734677205c', why: 'quorum is not active'},
		],
		['serving /health false; no leader', {kind: 'etcd.no-leader'}],
		[
			'alarm raised alarm=NOSPACE from=128d561b356a5206',
			{kind: 'etcd.no-space', object: '128d561b356a5206', why: 'alarm NOSPACE'},
		],
		[
			'failed to apply request took=8.1µs request=header:<ID:2121936619303778585 > put:<key:"/service/postgres-cluster/status" value_size:96 > response= error=etcdserver: no space',
			{kind: 'etcd.no-space', why: 'etcdserver: no space'},
		],
		[
			'alarm disarmed alarm=NOSPACE from=128d561b356a5206',
			{kind: 'etcd.space-freed', object: '128d561b356a5206'},
		],
		['alarm raised alarm=CORRUPT from=128d561b356a5206', {kind: 'etcd.corrupt', object: '128d561b356a5206'}],
		[
			'applied a configuration change through raft local-member-id=aece9727e17f4e60 raft-conf-change=ConfChangeAddLearnerNode raft-conf-change-node-id=128d561b356a5206',
			{kind: 'etcd.member-added', object: '128d561b356a5206'},
		],
		[
			'applied a configuration change through raft local-member-id=aece9727e17f4e60 raft-conf-change=ConfChangeRemoveNode raft-conf-change-node-id=74bd96734677205c',
			{kind: 'etcd.member-removed', object: '74bd96734677205c'},
		],
		[
			'published local member to cluster through raft local-member-id=74bd96734677205c local-member-attributes={Name:etcd1 ClientURLs:[http://10.73.0.171:2379]} request-path=/0/members/74bd96734677205c/attributes cluster-id=3f2ea3f5a95a5b5b publish-timeout=9s',
			{kind: 'etcd.started', object: 'etcd1'},
		],
		['received signal; shutting down signal=terminated', {kind: 'etcd.stopped', why: 'terminated'}],
		[
			'data-dir used by this member must be removed',
			{kind: 'etcd.stopped', why: 'data-dir used by this member must be removed'},
		],
		[
			'server error error=the member has been permanently removed from the cluster',
			{kind: 'etcd.stopped', why: 'the member has been permanently removed from the cluster'},
		],
		[
			'discovery failed error=member etcd1 has already been bootstrapped',
			{kind: 'etcd.stopped', why: 'discovery failed'},
		],
		// zap's text.
		[
			'peer became inactive (message send to peer failed)\t{"peer-id": "8211f1d0f64f3269", "error": "failed to dial 8211f1d0f64f3269 on stream Message (EOF)"}',
			{kind: 'etcd.peer-lost', object: '8211f1d0f64f3269'},
		],
		['slow fdatasync\t{"took": "1.4s", "expected-duration": "1s"}', {kind: 'etcd.slow-disk', why: '1.4s'}],
		[
			'alarm raised\t{"alarm": "NOSPACE", "from": "8e9e05c52164694d"}',
			{kind: 'etcd.no-space', object: '8e9e05c52164694d', why: 'alarm NOSPACE'},
		],
		[
			'prober detected unhealthy status\t{"round-tripper-name": "ROUND_TRIPPER_SNAPSHOT", "remote-peer-id": "8211f1d0f64f3269", "rtt": "0s", "error": "dial tcp 10.0.0.2:2380: i/o timeout"}',
			{kind: 'etcd.peer-lost', object: '8211f1d0f64f3269', why: 'dial tcp 10.0.0.2:2380: i/o timeout'},
		],
		// capnslog of 3.4: in the journal without the package's name, and raft's lines by another logger.
		[
			'alarm disarmed action:DEACTIVATE memberID:11322510538730421163 alarm:NOSPACE ',
			{kind: 'etcd.space-freed'},
		],
		['removed member 74bd96734677205c from cluster 4ef32b8b8d3cb2d4', undefined],
		[
			'cannot get the version of member 74bd96734677205c (Get "http://10.73.0.171:2380/version": dial tcp 10.73.0.171:2380: i/o timeout)',
			{
				kind: 'etcd.peer-lost',
				object: '74bd96734677205c',
				why: 'Get "http://10.73.0.171:2380/version": dial tcp 10.73.0.171:2380: i/o timeout',
			},
		],
		['peer fa44901f78e31d72 became active', {kind: 'etcd.peer-back', object: 'fa44901f78e31d72'}],
		[
			'raft2026/11/27 12:06:11 INFO: aece9727e17f4e60 is starting a new election at term 1',
			{kind: 'etcd.election', object: 'aece9727e17f4e60', term: 1},
		],
		[
			'published {Name:etcd1 ClientURLs:[http://10.73.0.171:2379]} to cluster 4ef32b8b8d3cb2d4',
			{kind: 'etcd.started', object: 'etcd1'},
		],
		['added member 74bd96734677205c [http://10.73.0.171:2380] to cluster 4ef32b8b8d3cb2d4', undefined],
		[
			'raft: raft.node: 8e9e05c52164694d elected leader 8e9e05c52164694d at term 2',
			{kind: 'etcd.elected', object: '8e9e05c52164694d', term: 2},
		],
		[
			'raft2026/11/27 11:46:33 INFO: raft.node: 8e9e05c52164694d lost leader 8e9e05c52164694d at term 3',
			{kind: 'etcd.leader-lost', object: '8e9e05c52164694d', term: 3},
		],
		[
			'rafthttp: peer 74bd96734677205c became inactive (message send to peer failed)',
			{kind: 'etcd.peer-lost', object: '74bd96734677205c'},
		],
		[
			'rafthttp: lost the TCP streaming connection with peer 74bd96734677205c (stream MsgApp v2 reader)',
			{kind: 'etcd.peer-lost', object: '74bd96734677205c', why: 'lost TCP streaming connection'},
		],
		[
			'rafthttp: health check for peer 74bd96734677205c could not connect: dial tcp 10.73.0.171:2380: connect: connection refused',
			{
				kind: 'etcd.peer-lost',
				object: '74bd96734677205c',
				why: 'dial tcp 10.73.0.171:2380: connect: connection refused',
			},
		],
		[
			'etcdserver: failed to reach the peerURL(http://10.73.0.171:2380) of member 74bd96734677205c (Get http://10.73.0.171:2380/version: dial tcp 10.73.0.171:2380: connect: connection refused)',
			{
				kind: 'etcd.peer-lost',
				object: '74bd96734677205c',
				why: 'Get http://10.73.0.171:2380/version: dial tcp 10.73.0.171:2380: connect: connection refused',
			},
		],
		['rafthttp: peer 74bd96734677205c became active', {kind: 'etcd.peer-back', object: '74bd96734677205c'}],
		['wal: sync duration of 1.5s, expected less than 1s', {kind: 'etcd.slow-disk', why: '1.5s'}],
		[
			'etcdserver: read-only range request "key:\\"/service/\\" " with result "range_response_count:9 size:2311" took too long (350.94ms) to execute',
			{kind: 'etcd.overloaded', why: 'took too long (350.94ms)'},
		],
		[
			'etcdserver: server is likely overloaded',
			{kind: 'etcd.overloaded', why: 'server is likely overloaded'},
		],
		['etcdserver/api/etcdhttp: /health error; no leader (status code 503)', {kind: 'etcd.no-leader'}],
		[
			'etcdserver: alarm NOSPACE raised by peer 128d561b356a5206',
			{kind: 'etcd.no-space', object: '128d561b356a5206', why: 'alarm NOSPACE'},
		],
		[
			'etcdserver: alarm CORRUPT raised by peer 128d561b356a5206',
			{kind: 'etcd.corrupt', object: '128d561b356a5206'},
		],
		[
			'etcdserver: published {Name:etcd1 ClientURLs:[http://10.73.0.171:2379]} to cluster 3f2ea3f5a95a5b5b',
			{kind: 'etcd.started', object: 'etcd1'},
		],
		['pkg/osutil: received terminated signal, shutting down...', {kind: 'etcd.stopped', why: 'terminated'}],
	]);
});
