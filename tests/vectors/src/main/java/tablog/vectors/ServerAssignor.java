package tablog.vectors;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/** An assignor of KIP-848, asked as the coordinator asks it; members, topics and partitions come in order. */
record ServerAssignor(ConsumerGroupPartitionAssignor assignor) implements Asked {
    @Override
    public Supplier<Object> prepare(Group group) {
        var ids = new HashMap<String, Uuid>();
        var counts = new HashMap<Uuid, Integer>();
        group.topics.forEach((name, topic) -> {
            ids.put(name, topic.id);
            counts.put(topic.id, topic.partitions);
        });
        var members = new TreeMap<String, MemberSubscriptionAndAssignmentImpl>();
        var inverted = new HashMap<Uuid, Map<Integer, String>>();
        group.members.forEach((id, member) -> {
            var target = new TreeMap<Uuid, Set<Integer>>(ServerAssignor::byBytes);
            for (TopicPartition owned : member.claim.owned()) {
                Uuid topic = ids.get(owned.topic());
                target.computeIfAbsent(topic, name -> new TreeSet<>()).add(owned.partition());
                inverted.computeIfAbsent(topic, name -> new HashMap<>()).put(owned.partition(), id);
            }
            var subscribed = new ArrayList<Uuid>();
            member.topics.forEach(name -> subscribed.add(ids.get(name)));
            subscribed.sort(ServerAssignor::byBytes);
            members.put(id, new MemberSubscriptionAndAssignmentImpl(
                    Optional.empty(), Optional.ofNullable(member.instance), new LinkedHashSet<>(subscribed), new Assignment(target)));
        });
        var type = group.allSubscribeAlike() ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        var spec = new GroupSpecImpl(members, type, inverted);
        var topics = new SubscribedTopicDescriber() {
            @Override
            public int numPartitions(Uuid topic) {
                return counts.getOrDefault(topic, -1);
            }

            @Override
            public Set<String> racksForPartition(Uuid topic, int partition) {
                return Set.of();
            }
        };
        return () -> assignor.assign(spec, topics);
    }

    @Override
    public Map<String, List<TopicPartition>> named(Group group, Object answer) {
        var names = new HashMap<Uuid, String>();
        group.topics.forEach((name, topic) -> names.put(topic.id, name));
        var assignment = new HashMap<String, List<TopicPartition>>();
        ((GroupAssignment) answer).members().forEach((id, given) -> {
            var partitions = new ArrayList<TopicPartition>();
            given.partitions().forEach((topic, numbers) ->
                    numbers.forEach(number -> partitions.add(new TopicPartition(names.get(topic), number))));
            assignment.put(id, partitions);
        });
        return assignment;
    }

    private static int byBytes(Uuid a, Uuid b) {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }
}
