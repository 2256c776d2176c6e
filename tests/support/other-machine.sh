# Runs a command beside another machine: "$1" NODE, "$2" what NODE runs there, and then the command. Each has
# a network namespace of its own; a pair of virtual interfaces connects them. The other one resolves names.
set -e
ip link set lo up
unshare --net "$1" --disable-warning=ExperimentalWarning "$2" &
other=$!
trap 'kill $other' EXIT
until grep --quiet ':1B58 ' "/proc/$other/net/tcp" 2>/dev/null; do # it listens on port 7000
  kill -0 $other
  sleep 0.05
done
ip link add here type veth peer name there netns $other
ip address add 10.79.1.1/24 dev here
ip link set here up
names=$(mktemp)
echo 'nameserver 10.79.1.2' > "$names"
mount --bind "$names" "$(readlink --canonicalize /etc/resolv.conf)"
rm "$names"
nsenter --target $other --net sh -c 'ip address add 10.79.1.2/24 dev there && ip link set there up'
shift 2
"$@"
