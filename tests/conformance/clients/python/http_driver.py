"""Drives the Python client up to 1.0, which speaks HTTP. Arguments: HOST:PORT, user, password."""

import inspect
import sys
import threading
import time

import nacos
from nacos.listener import SubscribeListener

from lines import commands, say

server, username, password = sys.argv[1:]
client = nacos.NacosClient(server, namespace="public", username=username, password=password)
beats_itself = "heartbeat_interval" in inspect.signature(client.add_naming_instance).parameters

# The instances that this driver sends heartbeats for: service and port.
beating = set()


def ports(service):
    hosts = client.list_naming_instance(service)["hosts"]
    return sorted(host["port"] for host in hosts)


def interval_of(metadata):
    return int(metadata["preserved.heart.beat.interval"]) / 1000


def keep_beating(service, ip, port, metadata):
    while True:
        time.sleep(interval_of(metadata))
        if (service, port) not in beating:
            return
        try:
            client.send_heartbeat(service, ip, port, metadata=metadata)
        except Exception:
            pass  # The registry is down: the next one may arrive.


def register(service, ip, port, metadata):
    if beats_itself:
        return client.add_naming_instance(service, ip, port, metadata=metadata, heartbeat_interval=interval_of(metadata))
    # Before 1.0 the application sends the heartbeats.
    registered = client.add_naming_instance(service, ip, port, metadata=metadata)
    beating.add((service, port))
    threading.Thread(target=keep_beating, args=(service, ip, port, metadata), daemon=True).start()
    return registered


def deregister(service, ip, port, metadata):
    beating.discard((service, port))
    return client.remove_naming_instance(service, ip, port)


def subscribe(service):
    def changed(*_):
        say(event="instances", service=service, ports=ports(service))

    client.subscribe(SubscribeListener(changed, "driver"), 1, service)
    # What is there at its first query it does not notify of.
    time.sleep(3)


def listen(data_id):
    def changed(params):
        say(event="config", dataId=data_id, content=params["content"])

    client.add_config_watcher(data_id, "DEFAULT_GROUP", changed)


def do(command):
    match command.pop("do"):
        case "register":
            return register(**command)
        case "deregister":
            return deregister(**command)
        case "list":
            return ports(command["service"])
        case "subscribe":
            return subscribe(command["service"])
        case "publish":
            return client.publish_config(command["dataId"], "DEFAULT_GROUP", command["content"])
        case "get":
            return client.get_config(command["dataId"], "DEFAULT_GROUP", no_snapshot=True)
        case "listen":
            return listen(command["dataId"])


if __name__ == "__main__":
    say(ready=True)
    for command in commands():
        try:
            say(done=do(command))
        except Exception as error:
            say(failed=f"{type(error).__name__}: {error}")
