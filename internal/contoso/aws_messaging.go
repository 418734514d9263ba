package contoso

// queueRow is one topic or queue.
type queueRow struct {
	account     awsAccount
	topic       bool
	name        string
	keyed, open bool
}

var queueRows = []queueRow{
	{awsRoot, true, "security-alarms", true, false},
	{awsShop, true, "order-placed", true, false},
	{awsShop, false, "orders", true, false},
	{awsShop, false, "thumbnails", false, false},
	{awsAnalytics, true, "etl-finished", false, true},
	{awsAnalytics, false, "partner-files", false, true},
}

func (q queueRow) arn() string {
	return arn(choose(q.topic, "sns", "sqs"), ireland, q.account.id, q.name)
}

func (e *estate) addMessaging() {
	for _, q := range queueRows {
		key := keyARN(q.account, choose(q.account.id == awsRoot.id, "security-data", "webshop-messages"))
		if q.topic {
			e.inAWS(q.account, ireland, "AWS::SNS::Topic", q.arn(), object{
				{"TopicName", q.name},
				{"TopicArn", q.arn()},
				{"KmsMasterKeyId", when(q.keyed, key)},
				{"Tags", ownerTags(q.name, teamName(q.account))},
			})
		} else {
			e.inAWS(q.account, ireland, "AWS::SQS::Queue", q.arn(), object{
				{"QueueName", q.name},
				{"Arn", q.arn()},
				{"KmsMasterKeyId", when(q.keyed, key)},
				{"SqsManagedSseEnabled", false},
				{"Tags", ownerTags(q.name, teamName(q.account))},
			})
		}
		e.addQueuePolicy(q)
	}
}

func (e *estate) addQueuePolicy(q queueRow) {
	var principal any = object{{"AWS", arn("iam", "", q.account.id, "root")}}
	if q.open {
		principal = "*"
	}
	says := document(object{
		{"Effect", "Allow"},
		{"Principal", principal},
		{"Action", choose(q.topic, "sns:Publish", "sqs:SendMessage")},
		{"Resource", q.arn()},
	})
	if q.topic {
		e.inAWS(q.account, ireland, "AWS::SNS::TopicPolicy", q.arn()+"|policy", object{{"Topics", words(q.arn())}, {"PolicyDocument", says}})
		return
	}
	e.inAWS(q.account, ireland, "AWS::SQS::QueuePolicy", q.arn()+"|policy", object{
		{"Queues", words("https://sqs." + ireland + ".amazonaws.com/" + q.account.id + "/" + q.name)},
		{"PolicyDocument", says},
	})
}

// watchRow is one metric filter on the trail's log group with its alarm; two
// filters have none.
type watchRow struct {
	name, pattern string
	alarm         bool
}

var watchRows = []watchRow{
	{"root-use", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, true},
	{"unauthorised-calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, true},
	{"sign-in-without-mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`, true},
	{"trail-changes", `{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }`, false},
	{"security-group-changes", `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) }`, true},
	{"key-deletions", `{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }`, false},
}

func (e *estate) addAlarms() {
	for _, w := range watchRows {
		e.inAWS(awsRoot, ireland, "AWS::Logs::MetricFilter", "/contoso/cloudtrail|"+w.name, object{
			{"FilterName", w.name},
			{"LogGroupName", "/contoso/cloudtrail"},
			{"FilterPattern", w.pattern},
			{"MetricTransformations", list{object{
				{"MetricName", w.name},
				{"MetricNamespace", "Contoso/Trail"},
				{"MetricValue", "1"},
			}}},
		})
		if !w.alarm {
			continue
		}
		id := arn("cloudwatch", ireland, awsRoot.id, "alarm:"+w.name)
		e.inAWS(awsRoot, ireland, "AWS::CloudWatch::Alarm", id, object{
			{"AlarmName", w.name},
			{"Arn", id},
			{"MetricName", w.name},
			{"Namespace", "Contoso/Trail"},
			{"Statistic", "Sum"},
			{"Period", 300},
			{"EvaluationPeriods", 1},
			{"Threshold", 1},
			{"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
			{"ActionsEnabled", w.name != "security-group-changes"},
			{"AlarmActions", words(queueRows[0].arn())},
		})
	}
}
