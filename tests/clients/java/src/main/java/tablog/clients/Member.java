package tablog.clients;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * One member of a group: {@code Member BOOTSTRAP GROUP TOPIC [SETTING=VALUE …]}. It says what it owns
 * ({@code owns 0 1 2}) whenever that changes, and each record that it reads ({@code 0:17}), until it is interrupted.
 */
public final class Member {
    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("group.id", arguments[1]);
        settings.put("auto.offset.reset", "earliest");
        settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        for (int i = 3; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings);
        Thread reading = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                reading.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        try (consumer) {
            TreeSet<Integer> owned = new TreeSet<>();
            consumer.subscribe(List.of(arguments[2]), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    partitions.forEach(partition -> owned.add(partition.partition()));
                    say(owned);
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    partitions.forEach(partition -> owned.remove(partition.partition()));
                    say(owned);
                }
            });
            while (true) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> System.out.println(record.partition() + ":" + record.offset()));
                System.out.flush();
            }
        } catch (WakeupException interrupted) {
            // That is how it ends.
        }
    }

    private static void say(Collection<Integer> owned) {
        StringBuilder line = new StringBuilder("owns");
        owned.forEach(partition -> line.append(' ').append(partition));
        System.out.println(line);
        System.out.flush();
    }
}
