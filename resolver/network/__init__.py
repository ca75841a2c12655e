"""Who is on the network: neighbours, leases, names, the machine's own addresses, and the devices that they make up."""
