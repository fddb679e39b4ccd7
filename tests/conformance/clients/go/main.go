// Drives Nacos' Go client by the line protocol of lines.py. Arguments: HOST:PORT, user, password.
// Written for version 2; for version 1 the import paths and the type of a pushed instance are replaced.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/nacos-group/nacos-sdk-go/v2/clients"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/config_client"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/naming_client"
	"github.com/nacos-group/nacos-sdk-go/v2/common/constant"
	"github.com/nacos-group/nacos-sdk-go/v2/model"
	"github.com/nacos-group/nacos-sdk-go/v2/vo"
)

const group = "DEFAULT_GROUP"

type command struct {
	Do       string            `json:"do"`
	Service  string            `json:"service"`
	IP       string            `json:"ip"`
	Port     uint64            `json:"port"`
	Metadata map[string]string `json:"metadata"`
	DataID   string            `json:"dataId"`
	Content  string            `json:"content"`
}

type fields map[string]any

var (
	out   = os.Stdout
	outMu sync.Mutex
)

func say(message fields) {
	outMu.Lock()
	defer outMu.Unlock()
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(out, string(text))
}

type driver struct {
	naming  naming_client.INamingClient
	configs config_client.IConfigClient
}

func open(server, username, password string) (*driver, error) {
	host, port, _ := strings.Cut(server, ":")
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	param := vo.NacosClientParam{
		ClientConfig: &constant.ClientConfig{
			TimeoutMs: 5000, BeatInterval: 1000, NotLoadCacheAtStart: true, LogDir: "logs", CacheDir: "cache",
			Username: username, Password: password,
		},
		ServerConfigs: []constant.ServerConfig{{IpAddr: host, Port: number, ContextPath: "/nacos", Scheme: "http"}},
	}
	naming, err := clients.NewNamingClient(param)
	if err != nil {
		return nil, err
	}
	configs, err := clients.NewConfigClient(param)
	return &driver{naming, configs}, err
}

func (d *driver) run(c command) (any, error) {
	switch c.Do {
	case "register":
		return d.naming.RegisterInstance(vo.RegisterInstanceParam{
			Ip: c.IP, Port: c.Port, Weight: 1, Enable: true, Healthy: true, Ephemeral: true,
			Metadata: c.Metadata, ServiceName: c.Service, GroupName: group,
		})
	case "deregister":
		return d.naming.DeregisterInstance(vo.DeregisterInstanceParam{
			Ip: c.IP, Port: c.Port, ServiceName: c.Service, GroupName: group, Ephemeral: true,
		})
	case "list":
		found, err := d.naming.SelectAllInstances(vo.SelectAllInstancesParam{ServiceName: c.Service, GroupName: group})
		ports := []uint64{}
		for _, each := range found {
			ports = append(ports, each.Port)
		}
		return sorted(ports), err
	case "subscribe":
		return true, d.naming.Subscribe(&vo.SubscribeParam{
			ServiceName: c.Service, GroupName: group,
			SubscribeCallback: func(instances []model.Instance, err error) {
				ports := []uint64{}
				for _, each := range instances {
					ports = append(ports, each.Port)
				}
				say(fields{"event": "instances", "service": c.Service, "ports": sorted(ports)})
			},
		})
	case "publish":
		return d.configs.PublishConfig(vo.ConfigParam{DataId: c.DataID, Group: group, Content: c.Content})
	case "get":
		return d.configs.GetConfig(vo.ConfigParam{DataId: c.DataID, Group: group})
	case "listen":
		return true, d.configs.ListenConfig(vo.ConfigParam{
			DataId: c.DataID, Group: group,
			OnChange: func(_, _, dataID, content string) {
				say(fields{"event": "config", "dataId": dataID, "content": content})
			},
		})
	}
	return nil, fmt.Errorf("no such command: %s", c.Do)
}

func sorted(ports []uint64) []uint64 {
	sort.Slice(ports, func(i, j int) bool { return ports[i] < ports[j] })
	return ports
}

func main() {
	// The client prints too: what is for the runner goes out by the descriptor that was standard output.
	os.Stdout = os.Stderr
	d, err := open(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		say(fields{"failed": err.Error()})
		os.Exit(1)
	}
	say(fields{"ready": true})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			say(fields{"failed": err.Error()})
			continue
		}
		if done, err := d.run(c); err != nil {
			say(fields{"failed": err.Error()})
		} else {
			say(fields{"done": done})
		}
	}
}
