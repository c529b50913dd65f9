#!/bin/sh
# Does a process called haproxy run? While it does, this node's VRRP priority is raised by the script's weight.
exec /usr/bin/killall -0 haproxy
