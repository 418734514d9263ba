// Command bartizan watches the posture of clouds and machines.
package main

func main() {}
