using System.CommandLine;
using Hillingar.Conformance;

var root = new RootCommand("Checks Hillingar against the references: each verb ends with one line of figures.") { ParseVerb.Create(), SolveVerb.Create(), LockVerb.Create(), UnikernelsVerb.Create() };
return await root.Parse(args).InvokeAsync();
