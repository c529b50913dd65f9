"""Prints what the installed Patroni makes of configuration files: cases as JSON on standard input, readings as JSON on output.

Every value comes from Patroni's own code: `Config` as patronictl calls it, `get_etcd_client` of its etcd3 module,
`PatroniRequest`, and the order of its DCS modules. Only connections are left out.
"""
import base64
import json
import logging
import os
import shutil
import sys
import tempfile

from copy import deepcopy

from patroni.config import Config
from patroni.dcs import AbstractDCS, dcs_modules
from patroni.dcs.etcd import AbstractEtcdClientWithFailover
from patroni.dcs.etcd3 import Etcd3
from patroni.request import PatroniRequest
from patroni.utils import uri
from patroni.version import __version__

logging.disable(logging.CRITICAL)

DCS_ORDER = [module.split('.')[-1] for module in dcs_modules()]


class Client(object):
    """Takes the place of the etcd client: keeps its configuration, connects to nothing."""

    machines = True

    def __init__(self, config, *_):
        self._config = config
        self.protocol = config.get('protocol') or 'http'

    def _get_machines_cache_from_srv(self, srv, suffix=None):
        return []

    def _get_machines_cache_from_dns(self, host, port):
        # What Patroni's own method returns where the name does not resolve.
        return [uri(self.protocol, (host, port))]


def plain(value):
    """Text as it is; what Python reads as something else with its type."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return {'type': type(value).__name__, 'text': str(value)}


def at(mapping, *path):
    for key in path:
        # Patroni's own kinds of mappings are no dict.
        if not hasattr(mapping, 'get') or key not in mapping:
            return None
        mapping = mapping.get(key)
    return plain(mapping)


def attempt(read):
    try:
        return read()
    except Exception as error:
        # The text of an error may quote the file: its type and the problem are enough.
        return {'error': type(error).__name__, 'problem': getattr(error, 'problem', None)}


def section(config, name):
    ret = deepcopy(config[name])
    ret.update({p: config[p] for p in ('namespace', 'name', 'scope', 'loop_wait', 'ttl', 'retry_timeout') if p in config})
    return ret


def prefix(config):
    """The prefix of the cluster's keys, by the constructor that all stores share."""
    dcs = object.__new__(Etcd3)
    section = {'loop_wait': 10}
    section.update({p: config[p] for p in ('namespace', 'name', 'scope') if p in config})
    section.setdefault('name', section['scope'])
    try:
        from patroni.postgresql.mpp import get_mpp
        AbstractDCS.__init__(dcs, section, get_mpp(config))
    except ImportError:
        if isinstance(config.get('citus'), dict):
            section.update(config['citus'])
        AbstractDCS.__init__(dcs, section)
    return dcs.client_path('')


def etcd(config):
    client = object.__new__(Etcd3).get_etcd_client(section(config, 'etcd3'), Client)
    its = client._config
    if 'srv' not in its and 'host' not in its and 'hosts' not in its:
        raise ValueError('no hosts')
    cert = its.get('cert')
    return {
        'hosts': plain(AbstractEtcdClientWithFailover._get_machines_cache_from_config(client)),
        'srv': plain(its.get('srv')),
        'username': plain(its.get('username')),
        'password': plain(its.get('password')),
        'cacert': plain(its.get('ca_cert')),
        'cert': plain(cert),
    }


def rest(config):
    request = PatroniRequest(config)
    its = request._pool.connection_pool_kw
    auth = request._pool.headers.get('authorization')
    return {
        'auth': auth and base64.b64decode(auth.split(' ', 1)[1]).decode('latin1'),
        'cacert': plain(its.get('ca_certs')),
        'cert': plain(its.get('cert_file')),
        'key': plain(its.get('key_file')),
        'key_password': plain(its.get('key_password')),
        'insecure': its.get('cert_reqs') == 'CERT_NONE' or its.get('assert_hostname') is False,
    }


def reading(case):
    folder = tempfile.mkdtemp()
    try:
        for name, content in case['files'].items():
            file = os.path.join(folder, name)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, 'wb') as f:
                f.write(base64.b64decode(content))
        os.environ.clear()
        os.environ.update(case['environment'])
        os.chdir(folder)
        config = attempt(lambda: Config(case['path'] or '', validator=None))
    finally:
        os.chdir('/')
        shutil.rmtree(folder)
    if isinstance(config, dict):
        return config
    standing = [name for name in DCS_ORDER if name in config]
    return {
        'scope': at(config, 'scope'),
        'namespace': at(config, 'namespace'),
        'name': at(config, 'name'),
        'prefix': attempt(lambda: prefix(config)),
        'stores': standing,
        'etcd': attempt(lambda: etcd(config)) if 'etcd3' in config else None,
        'rest': attempt(lambda: rest(config)),
        'listen': at(config, 'restapi', 'listen'),
        'connect_address': at(config, 'restapi', 'connect_address'),
        'certfile': at(config, 'restapi', 'certfile'),
        'data_dir': at(config, 'postgresql', 'data_dir'),
        'postgresql_address': at(config, 'postgresql', 'connect_address'),
        'log_directory': at(config, 'postgresql', 'parameters', 'log_directory'),
        'log_dir': at(config, 'log', 'dir'),
    }


json.dump({'version': __version__, 'readings': {case['name']: reading(case) for case in json.load(sys.stdin)}}, sys.stdout)
